namespace Mlops.Tracking;

/// <summary>What runs, experiments, models or model versions must fulfil to be found: conditions that all hold. Immutable.</summary>
/// <remarks>Made by <c>RunSearch</c>, <c>ExperimentSearch</c>, <c>ModelSearch</c> and <c>ModelVersionSearch</c>, from text in MLflow's grammar or from typed fields.</remarks>
/// <example><code>
/// var filter = RunSearch.Filter("metrics.auc &gt; 0.9 AND params.kind = 'ridge'");
/// var same = RunSearch.Metric("auc") &gt; 0.9 &amp; RunSearch.Param("kind").Is("ridge");
/// </code></example>
public sealed class SearchFilter : IEquatable<SearchFilter>
{
    internal SearchFilter(IReadOnlyList<SearchCondition> conditions) => Conditions = conditions;

    /// <summary>Gets the filter that everything fulfils.</summary>
    public static SearchFilter All { get; } = new([]);

    /// <summary>Gets the conditions, which must all hold.</summary>
    public IReadOnlyList<SearchCondition> Conditions { get; }

    /// <summary>Makes the filter that requires both.</summary>
    /// <param name="left">One filter.</param>
    /// <param name="right">The other.</param>
    /// <returns>The filter.</returns>
    public static SearchFilter operator &(SearchFilter left, SearchFilter right)
    {
        ArgumentNullException.ThrowIfNull(left);
        return left.And(right);
    }

    /// <summary>Makes the filter that requires this one and another.</summary>
    /// <param name="other">The other.</param>
    /// <returns>The filter.</returns>
    public SearchFilter And(SearchFilter other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new SearchFilter([.. Conditions, .. other.Conditions]);
    }

    /// <inheritdoc/>
    public bool Equals(SearchFilter? other) => other is not null && Conditions.SequenceEqual(other.Conditions);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SearchFilter);

    /// <inheritdoc/>
    public override int GetHashCode() => Conditions.Aggregate(0, HashCode.Combine);

    /// <summary>Writes the filter in the grammar it is read from.</summary>
    /// <returns>The text; empty for <see cref="All"/>. A value with both kinds of quotes cannot be said in the grammar: keep such a filter as it is, rather than its text.</returns>
    public override string ToString() => string.Join(" AND ", Conditions);
}
