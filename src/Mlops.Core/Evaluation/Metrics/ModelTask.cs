namespace Mlops.Evaluation;

/// <summary>What a model tells of a row.</summary>
public enum ModelTask
{
    /// <summary>A number.</summary>
    Regression,

    /// <summary>Which of two classes; the last one is the positive class.</summary>
    BinaryClassification,

    /// <summary>Which of more than two classes.</summary>
    MulticlassClassification,
}
