namespace Mlops.Evaluation;

/// <summary>What is computed of the counts of a class.</summary>
internal enum ClassFigure
{
    Precision,
    Recall,
    F,
    Jaccard,
}

/// <summary>Figures of the counts of a class.</summary>
internal static class ClassFigures
{
    /// <summary>Computes a figure; <see langword="null"/> for 0/0.</summary>
    /// <param name="figure">The figure.</param>
    /// <param name="own">The weight of the rows of the class.</param>
    /// <param name="taken">The weight of the rows taken for it.</param>
    /// <param name="right">The weight of the rows that are both.</param>
    /// <param name="beta">How many times as much recall counts in F.</param>
    public static double? Of(ClassFigure figure, double own, double taken, double right, double beta)
    {
        var (part, whole) = figure switch
        {
            ClassFigure.Precision => (right, taken),
            ClassFigure.Recall => (right, own),
            ClassFigure.F => ((1 + (beta * beta)) * right, (beta * beta * own) + taken),
            _ => (right, own + taken - right),
        };
        return whole > 0 ? part / whole : null;
    }
}
