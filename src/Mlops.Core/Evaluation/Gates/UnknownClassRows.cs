using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>Tells of rows whose class the candidate does not know, by which no metric judges it.</summary>
internal static class UnknownClassRows
{
    /// <summary>Makes the figure of them.</summary>
    /// <returns>The figure, and what to add to a reason; no figure and an empty text where there is no such row.</returns>
    public static (ModelCheckFigure[] Figures, string Reason) Find(ModelOutcomes outcomes, ValidationVerdict verdict)
    {
        if (outcomes.UnknownLabelCount is not (> 0 and var count)) return ([], "");
        const string Note = "not judged: the candidate does not know their class";
        return ([new ModelCheckFigure("unknown_class", verdict) { Rows = count, Note = Note }], $"; {GateText.Rows(count)} {Note}");
    }
}
