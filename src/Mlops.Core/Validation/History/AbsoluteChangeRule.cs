namespace Mlops.Validation;

/// <summary>A metric must not change by more than a fixed amount from run to run.</summary>
/// <remarks>
/// <para>The change is the difference of order <see cref="Order"/>: of order 1 the value less the one <see cref="Lag"/> runs before, of order 2 the change of that change, and so on. Times do not
/// matter, only the order of the runs. The place of a run without a value is taken by what the runs before it predict, which of order 1 is the value one lag before.</para>
/// <para>A run after an anomaly is compared with the run before and also with what stood there before the anomaly; it is normal if it is near either. So a single spike is one anomaly rather than
/// two, and of a lasting shift only the step is one. <see cref="AcceptReturn"/> switches that off.</para>
/// <para>Source of the differences: the strategy AbsoluteChange of Deequ.</para>
/// </remarks>
/// <example><code>rules.Add("age.mean", new AbsoluteChangeRule { MaximumDecrease = 2, MaximumIncrease = 2 });</code></example>
public sealed record AbsoluteChangeRule : MetricRule
{
    private const int LargestOrder = 10;

    /// <summary>Creates a rule.</summary>
    public AbsoluteChangeRule()
        : base("absolute change")
    {
    }

    /// <summary>Gets by how much the metric may fall, in its unit, 0 or more.</summary>
    /// <value>The default value is <see langword="null"/>: by any amount.</value>
    public double? MaximumDecrease { get; init; }

    /// <summary>Gets by how much the metric may rise, in its unit, 0 or more.</summary>
    /// <value>The default value is <see langword="null"/>: by any amount.</value>
    public double? MaximumIncrease { get; init; }

    /// <summary>Gets the order of the difference, 1 to 10.</summary>
    /// <value>The default value is 1.</value>
    public int Order { get; init; } = 1;

    /// <summary>Gets how many runs lie between the values that are compared, 1 or more: 7 compares daily runs with the week before.</summary>
    /// <value>The default value is 1.</value>
    public int Lag { get; init; } = 1;

    /// <summary>Gets whether a value that is back where it was before an anomaly is normal.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool AcceptReturn { get; init; } = true;

    internal override string Describe() => FormattableString.Invariant($"order {Order}, lag {Lag}, down by {(object?)MaximumDecrease ?? "any"}, up by {(object?)MaximumIncrease ?? "any"}");

    internal override IEnumerable<MetricJudgement> Judge(IReadOnlyList<MetricPoint> points)
        => ChangeSequence.Judge(points, Order, Lag, AcceptReturn, reference => new MetricRange(reference - (MaximumDecrease ?? double.PositiveInfinity), reference + (MaximumIncrease ?? double.PositiveInfinity)));

    internal override void Check()
    {
        base.Check();
        if (MaximumDecrease is null && MaximumIncrease is null) throw new ArgumentException("A change rule needs a MaximumDecrease, a MaximumIncrease or both.");
        CheckLimit(MaximumDecrease, nameof(MaximumDecrease));
        CheckLimit(MaximumIncrease, nameof(MaximumIncrease));
        ArgumentOutOfRangeException.ThrowIfLessThan(Order, 1, nameof(Order));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Order, LargestOrder, nameof(Order));
        ArgumentOutOfRangeException.ThrowIfLessThan(Lag, 1, nameof(Lag));
    }
}
