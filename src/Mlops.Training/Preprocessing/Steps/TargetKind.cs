namespace Mlops.Training;

/// <summary>How a target encoding reads the label.</summary>
public enum TargetKind
{
    /// <summary>A text or boolean label is classes, any other one a number.</summary>
    Auto,

    /// <summary>The label is a number: a category becomes its mean.</summary>
    Number,

    /// <summary>The label is classes: a category becomes the share of the last class in ascending order, where there are two, and else of each class.</summary>
    Classes,
}
