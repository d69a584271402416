namespace Mlops.Evaluation;

/// <summary>How differently decisions treat groups of rows. Mergeable; not safe for concurrent use while rows are added.</summary>
/// <remarks>
/// <para>A difference is the largest rate of a group less the smallest one, 0 where all are treated alike; a ratio is the smallest over the largest, 1 where all are alike.</para>
/// <para>Groups without a row of weight above 0 are left out. A rate that a group has no rows for leaves difference and ratio undefined; so does a rate of 0 of every group the ratio.</para>
/// <para>Memory: 32 bytes for each group. Merging is exact where weights are whole numbers; else to the rounding of sums.</para>
/// <para>Sources: M. Hardt, E. Price, N. Srebro, "Equality of opportunity in supervised learning", 2016; A. Chouldechova, "Fair prediction with disparate impact", 2017.</para>
/// </remarks>
public sealed class GroupFairness
{
    private readonly double[] _counts;

    /// <summary>Creates groups without rows.</summary>
    /// <param name="groups">The groups.</param>
    public GroupFairness(IReadOnlyList<string> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        Groups = groups;
        _counts = new double[4 * groups.Count];
    }

    /// <summary>Gets the groups.</summary>
    public IReadOnlyList<string> Groups { get; }

    /// <summary>Gets the rates of each group with a row of weight above 0, in their order.</summary>
    public IReadOnlyList<GroupRates> Rates
    {
        get
        {
            var rates = new List<GroupRates>();
            for (var i = 0; i < Groups.Count; i++)
            {
                var (trueNegatives, falsePositives, falseNegatives, truePositives) = (_counts[4 * i], _counts[(4 * i) + 1], _counts[(4 * i) + 2], _counts[(4 * i) + 3]);
                var weight = trueNegatives + falsePositives + falseNegatives + truePositives;
                if (weight > 0) rates.Add(new GroupRates(Groups[i], weight, truePositives, falsePositives, trueNegatives, falseNegatives));
            }

            return rates;
        }
    }

    /// <summary>Counts the decisions of outcomes: the most probable class; rows that cannot be judged, or have no group, are left out.</summary>
    /// <param name="outcomes">The outcomes of a classification.</param>
    /// <param name="groups">The group of each row.</param>
    /// <param name="position">The position of the positive class; <see langword="null"/> for the last of two.</param>
    /// <returns>The groups.</returns>
    /// <exception cref="ArgumentException">The column has another number of rows, the outcomes are those of a regression, there is no such class, or more than two leave open which is positive.</exception>
    public static GroupFairness Of(ModelOutcomes outcomes, SliceColumn groups, int? position = null)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        ArgumentNullException.ThrowIfNull(groups);
        if (!outcomes.IsClassification) throw new ArgumentException("The outcomes are predicted numbers; fairness needs decisions.", nameof(outcomes));
        if (groups.RowCount != outcomes.RowCount) throw new ArgumentException($"The column '{groups.Name}' has {groups.RowCount} rows; there are {outcomes.RowCount} outcomes.", nameof(groups));
        if (position is null && outcomes.Classes.Count > 2) throw new ArgumentException($"The outcomes tell {outcomes.Classes.Count} classes apart. Say which is the positive one.", nameof(position));
        var positive = position ?? outcomes.Classes.Count - 1;
        if ((uint)positive >= (uint)outcomes.Classes.Count) throw new ArgumentOutOfRangeException(nameof(position), positive, $"There are {outcomes.Classes.Count} classes.");
        var fairness = new GroupFairness(groups.Values);
        var cells = CellsOf(outcomes, groups.Codes, positive);
        for (var row = 0; row < cells.Length; row++)
        {
            if (cells[row] >= 0) fairness.AddToCell(cells[row], outcomes.GetWeight(row));
        }

        return fairness;
    }

    /// <summary>Counts a row.</summary>
    /// <param name="group">The position of its group.</param>
    /// <param name="isPositive">Whether the row is positive.</param>
    /// <param name="isSelected">Whether it was taken for positive.</param>
    /// <param name="weight">The weight, finite, ≥ 0.</param>
    /// <exception cref="ArgumentException">There is no such group, or the weight is negative or not finite.</exception>
    public void Add(int group, bool isPositive, bool isSelected, double weight = 1)
    {
        if ((uint)group >= (uint)Groups.Count) throw new ArgumentOutOfRangeException(nameof(group), group, $"There are {Groups.Count} groups.");
        MetricInput.CheckWeights([weight]);
        AddToCell(CellOf(group, isPositive, isSelected), weight);
    }

    /// <summary>Adds the counts of another one.</summary>
    /// <param name="other">The other one, of the same groups; it stays as it is.</param>
    /// <exception cref="ArgumentException">It has other groups.</exception>
    public void Merge(GroupFairness other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!Groups.SequenceEqual(other.Groups)) throw new ArgumentException("The groups of the two differ, so that their counts cannot be added.", nameof(other));
        for (var i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
    }

    /// <summary>Computes the difference of selection rates.</summary>
    /// <returns>The difference, 0..1.</returns>
    public MetricValue DemographicParityDifference() => Difference(rates => rates.SelectionRate);

    /// <summary>Computes the ratio of selection rates; 0.8 is the "four fifths rule".</summary>
    /// <returns>The ratio, 0..1.</returns>
    public MetricValue DemographicParityRatio() => Ratio(rates => rates.SelectionRate);

    /// <summary>Computes the difference of true positive rates.</summary>
    /// <returns>The difference, 0..1.</returns>
    public MetricValue EqualOpportunityDifference() => Difference(rates => rates.TruePositiveRate);

    /// <summary>Computes the ratio of true positive rates.</summary>
    /// <returns>The ratio, 0..1.</returns>
    public MetricValue EqualOpportunityRatio() => Ratio(rates => rates.TruePositiveRate);

    /// <summary>Computes the differences of true and of false positive rates as one.</summary>
    /// <param name="aggregation">How the two become one.</param>
    /// <returns>The difference, 0..1.</returns>
    public MetricValue EqualizedOddsDifference(EqualizedOddsAggregation aggregation = EqualizedOddsAggregation.WorstCase)
    {
        var (truePositives, falsePositives) = (Difference(rates => rates.TruePositiveRate), Difference(rates => rates.FalsePositiveRate));
        if (!truePositives.IsDefined) return truePositives;
        if (!falsePositives.IsDefined) return falsePositives;
        return aggregation == EqualizedOddsAggregation.Mean ? (truePositives.Value + falsePositives.Value) / 2 : Math.Max(truePositives.Value, falsePositives.Value);
    }

    /// <summary>Computes the smaller one of the ratios of true and of false positive rates.</summary>
    /// <returns>The ratio, 0..1.</returns>
    public MetricValue EqualizedOddsRatio()
    {
        var (truePositives, falsePositives) = (Ratio(rates => rates.TruePositiveRate), Ratio(rates => rates.FalsePositiveRate));
        if (!truePositives.IsDefined) return truePositives;
        return falsePositives.IsDefined ? Math.Min(truePositives.Value, falsePositives.Value) : falsePositives;
    }

    /// <summary>Computes the difference of precisions.</summary>
    /// <returns>The difference, 0..1.</returns>
    public MetricValue PredictiveParityDifference() => Difference(rates => rates.Precision);

    /// <summary>Computes the ratio of precisions.</summary>
    /// <returns>The ratio, 0..1.</returns>
    public MetricValue PredictiveParityRatio() => Ratio(rates => rates.Precision);

    /// <summary>Computes the difference of accuracies.</summary>
    /// <returns>The difference, 0..1.</returns>
    public MetricValue AccuracyDifference() => Difference(rates => rates.Accuracy);

    /// <summary>Computes the ratio of accuracies.</summary>
    /// <returns>The ratio, 0..1.</returns>
    public MetricValue AccuracyRatio() => Ratio(rates => rates.Accuracy);

    /// <summary>Finds what each row counts for: its group, its truth and its decision; −1 where it cannot be judged or has no group.</summary>
    internal static int[] CellsOf(ModelOutcomes outcomes, ReadOnlySpan<int> groups, int positive)
    {
        var cells = new int[outcomes.RowCount];
        for (var row = 0; row < cells.Length; row++)
            cells[row] = groups[row] >= 0 && outcomes.IsJudged(row) ? CellOf(groups[row], outcomes.Labels[row] == positive, outcomes.GetPredictedClass(row) == positive) : -1;
        return cells;
    }

    internal void AddToCell(int cell, double weight) => _counts[cell] += weight;

    private static int CellOf(int group, bool isPositive, bool isSelected) => (4 * group) + (isPositive ? 2 : 0) + (isSelected ? 1 : 0);

    private MetricValue Difference(Func<GroupRates, MetricValue> rate) => Compare(rate, static (smallest, largest) => largest - smallest);

    private MetricValue Ratio(Func<GroupRates, MetricValue> rate)
        => Compare(rate, static (smallest, largest) => largest > 0 ? smallest / largest : MetricValue.Undefined("the rate of every group is 0"));

    private MetricValue Compare(Func<GroupRates, MetricValue> rate, Func<double, double, MetricValue> compare)
    {
        var (smallest, largest) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var rates in Rates)
        {
            var value = rate(rates);
            if (!value.IsDefined) return value;
            (smallest, largest) = (Math.Min(smallest, value.Value), Math.Max(largest, value.Value));
        }

        return smallest <= largest ? compare(smallest, largest) : MetricValue.Undefined("no group has a row");
    }
}
