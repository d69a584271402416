namespace Mlops.Evaluation;

/// <summary>How figures of classes become one.</summary>
public enum Averaging
{
    /// <summary>The plain mean over the classes: each counts alike, however rare.</summary>
    Macro,

    /// <summary>Of the counts of all classes together: each row counts alike.</summary>
    Micro,

    /// <summary>The mean by the weight of the rows of each class.</summary>
    Weighted,
}
