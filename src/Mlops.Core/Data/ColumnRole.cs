namespace Mlops.Data;

/// <summary>What a column is for, so that no method needs a "label column" argument of its own.</summary>
public enum ColumnRole
{
    /// <summary>An input of the model.</summary>
    Feature,

    /// <summary>What the model predicts; absent while serving.</summary>
    Label,

    /// <summary>The weight of the row, ≥ 0.</summary>
    Weight,

    /// <summary>Identifies the row.</summary>
    Key,

    /// <summary>Rows of one group stay on one side of a split.</summary>
    Group,

    /// <summary>When the row happened; splits by time use it. It may feed features too.</summary>
    Time,

    /// <summary>What a model predicted.</summary>
    Prediction,

    /// <summary>A protected attribute: used to judge fairness, redacted from payload logs, never a feature.</summary>
    Sensitive,

    /// <summary>Carried along, used by nothing.</summary>
    Ignored,
}
