namespace Mlops.Validation;

/// <summary>A metric must not change by more than a share of its value from run to run.</summary>
/// <remarks>
/// <para>The change is the difference to the value <see cref="Lag"/> runs before, divided by the size of that value. Where that value is 0, any other value is too large a change, in a direction
/// that is limited. Times do not matter, only the order of the runs. The place of a run without a value is taken by the value one lag before it.</para>
/// <para>A run after an anomaly is compared with the run before and also with what stood there before the anomaly; it is normal if it is near either. So a single spike is one anomaly rather than
/// two, and of a lasting shift only the step is one. <see cref="AcceptReturn"/> switches that off.</para>
/// <para>Source: the strategy RelativeRateOfChange of Deequ, whose order is the lag, and whose limits are ratios of the values: 0.5 there is a <see cref="MaximumDecrease"/> of 0.5 here, 2 a <see cref="MaximumIncrease"/> of 1.</para>
/// </remarks>
/// <example><code>rules.Add("row_count", new RelativeChangeRule { MaximumDecrease = 0.5, MaximumIncrease = 1 });</code></example>
public sealed record RelativeChangeRule : MetricRule
{
    /// <summary>Creates a rule.</summary>
    public RelativeChangeRule()
        : base("relative change")
    {
    }

    /// <summary>Gets the share of the value by which the metric may fall, 0 or more: 0.5 is half of it.</summary>
    /// <value>The default value is <see langword="null"/>: any.</value>
    public double? MaximumDecrease { get; init; }

    /// <summary>Gets the share of the value by which the metric may rise, 0 or more: 1 is to its double.</summary>
    /// <value>The default value is <see langword="null"/>: any.</value>
    public double? MaximumIncrease { get; init; }

    /// <summary>Gets how many runs lie between the values that are compared, 1 or more: 7 compares daily runs with the week before.</summary>
    /// <value>The default value is 1.</value>
    public int Lag { get; init; } = 1;

    /// <summary>Gets whether a value that is back where it was before an anomaly is normal.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool AcceptReturn { get; init; } = true;

    internal override string Describe() => FormattableString.Invariant($"lag {Lag}, down by {(object?)MaximumDecrease ?? "any"} of the value, up by {(object?)MaximumIncrease ?? "any"}");

    internal override IEnumerable<MetricJudgement> Judge(IReadOnlyList<MetricPoint> points) => ChangeSequence.Judge(
        points,
        order: 1,
        Lag,
        AcceptReturn,
        reference => new MetricRange(
            MaximumDecrease is { } decrease ? reference - (decrease * Math.Abs(reference)) : double.NegativeInfinity,
            MaximumIncrease is { } increase ? reference + (increase * Math.Abs(reference)) : double.PositiveInfinity));

    internal override void Check()
    {
        base.Check();
        if (MaximumDecrease is null && MaximumIncrease is null) throw new ArgumentException("A change rule needs a MaximumDecrease, a MaximumIncrease or both.");
        CheckLimit(MaximumDecrease, nameof(MaximumDecrease));
        CheckLimit(MaximumIncrease, nameof(MaximumIncrease));
        ArgumentOutOfRangeException.ThrowIfLessThan(Lag, 1, nameof(Lag));
    }
}
