using System.Globalization;
using System.Text;
using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>One figure that a gate looked at: of all rows or of a slice, beside what it was compared with.</summary>
/// <param name="Name">What is measured: <c>roc_auc</c>, <c>package_size</c>.</param>
/// <param name="Verdict">What the figure alone comes to.</param>
public sealed record ModelCheckFigure(string Name, ValidationVerdict Verdict)
{
    /// <summary>Gets the slice: <c>region = north</c>; <see langword="null"/> for all rows. It names a value of the data, which no reason and no error does.</summary>
    public string? Slice { get; init; }

    /// <summary>Gets the number of rows; <see langword="null"/> where none are counted.</summary>
    public long? Rows { get; init; }

    /// <summary>Gets the candidate's value, in <see cref="Unit"/>; <see langword="null"/> where it is undefined.</summary>
    public double? Value { get; init; }

    /// <summary>Gets what it is compared with: <c>champion</c>, <c>training</c>, <c>at most</c>; <see langword="null"/> where it is compared with nothing.</summary>
    public string? Reference { get; init; }

    /// <summary>Gets the value of the reference, in <see cref="Unit"/>; <see langword="null"/> where there is none.</summary>
    public double? ReferenceValue { get; init; }

    /// <summary>Gets how much better the candidate is, in <see cref="Unit"/>; negative where it is worse, <see langword="null"/> where the two were not subtracted.</summary>
    public double? Gain { get; init; }

    /// <summary>Gets where the true gain lies; <see langword="null"/> where that was not asked or cannot be told.</summary>
    public ConfidenceInterval? Interval { get; init; }

    /// <summary>Gets the probability of a figure as extreme as this by chance alone, 0..1; <see langword="null"/> where nothing was tested.</summary>
    public double? PValue { get; init; }

    /// <summary>Gets the unit, in UCUM: <c>s</c>, <c>By</c>; empty for that of the metric.</summary>
    /// <value>The default value is empty.</value>
    public string Unit { get; init => field = value ?? ""; } = "";

    /// <summary>Gets what there is to say of it: why it was not judged, which limit it passed; <see langword="null"/> for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>Writes the figure in one line, in the invariant culture.</summary>
    /// <returns>The line: <c>roc_auc of region = north 0.81 against 0.79 of the champion, gain 0.02 (90 %: 0.004 to 0.036), p 0.02</c>.</returns>
    public override string ToString()
    {
        var text = new StringBuilder(Name);
        if (Slice is not null) text.Append(" of ").Append(Slice);
        if (Value is { } value) text.Append(' ').Append(GateText.Figure(value, Unit));
        if (Reference is not null && ReferenceValue is { } reference) text.Append(", ").Append(Reference).Append(' ').Append(GateText.Figure(reference, Unit));
        if (Gain is { } gain) text.Append(", gain ").Append(GateText.Figure(gain, Unit));
        if (Interval is { } interval) text.Append(CultureInfo.InvariantCulture, $" ({GateText.Interval(interval, Unit)})");
        if (PValue is { } p) text.Append(", p ").Append(GateText.Figure(p));
        if (Rows is { } rows) text.Append(CultureInfo.InvariantCulture, $", {GateText.Rows(rows)}");
        if (Note is not null) text.Append(": ").Append(Note);
        return text.ToString();
    }
}
