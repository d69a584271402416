using System.Collections.ObjectModel;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Takes parts of a date or timestamp as features. The only step of a rule.</summary>
/// <remarks>Parts are those of UTC. What lies outside of the years 1 to 9999 counts as missing.</remarks>
public sealed record DatePartsStep : PreprocessingStep
{
    /// <summary>Gets the parts that have a feature for each of their values; not the year. Empty for none.</summary>
    /// <value>The default value is the day of the week, also where <see cref="Cyclic"/> or <see cref="Numbers"/> ask for other parts.</value>
    public IReadOnlyList<DatePart> OneHot { get; init => field = Copy(value); } = [DatePart.DayOfWeek];

    /// <summary>Gets the parts that are points on a circle, two features each: sine and cosine; not the year.</summary>
    /// <value>The default value is empty.</value>
    public IReadOnlyList<DatePart> Cyclic { get; init => field = Copy(value); } = [];

    /// <summary>Gets the parts that are numbers.</summary>
    /// <value>The default value is empty.</value>
    public IReadOnlyList<DatePart> Numbers { get; init => field = Copy(value); } = [];

    /// <summary>Gets whether <see cref="Numbers"/> are standardised: minus their mean, divided by their population standard deviation.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool Standardize { get; init; } = true;

    /// <summary>Gets what a missing date becomes.</summary>
    /// <value>The default value is <see cref="MissingDate.Refuse"/>.</value>
    public MissingDate Missing { get; init; } = MissingDate.Refuse;

    internal override void Check()
    {
        if (OneHot.Count + Cyclic.Count + Numbers.Count == 0) throw new ArgumentException("No part of the date is asked for.", nameof(OneHot));
        if (OneHot.Contains(DatePart.Year) || Cyclic.Contains(DatePart.Year)) throw new ArgumentException("A year is neither one-hot nor cyclic: years to come are not known. Take it as a number.", nameof(OneHot));
        if (new[] { OneHot, Cyclic, Numbers }.Any(parts => parts.Distinct().Count() != parts.Count)) throw new ArgumentException("A part of the date is asked for twice in the same way.", nameof(OneHot));
        foreach (var part in OneHot.Concat(Cyclic).Concat(Numbers)) DatePartOperator.GetRange(part);
    }

    /// <inheritdoc/>
    public override string ToString() => Describe(
        "date parts",
        List("one-hot", OneHot), List("cyclic", Cyclic), List(Standardize ? "standardized" : "numbers", Numbers), Missing == MissingDate.Zeros ? "missing: zeros" : null);

    private static string? List(string name, IReadOnlyList<DatePart> parts) => parts.Count == 0 ? null : $"{name}: {string.Join(' ', parts)}";

    private static ReadOnlyCollection<DatePart> Copy(IReadOnlyList<DatePart> parts) => new([.. parts]);
}
