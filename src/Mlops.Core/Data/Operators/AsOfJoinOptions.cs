namespace Mlops.Data;

/// <summary>How an as-of join finds the right row of a left one.</summary>
public sealed class AsOfJoinOptions
{
    /// <summary>Gets the columns of both sides whose values must be equal: the entity that the right rows describe.</summary>
    /// <value>The default value is no column: every right row may match every left one.</value>
    public IReadOnlyList<string> By { get; init; } = [];

    /// <summary>Gets the direction in which a right row is looked for.</summary>
    /// <value>The default value is <see cref="AsOfDirection.Backward"/>.</value>
    public AsOfDirection Direction { get; init; } = AsOfDirection.Backward;

    /// <summary>Gets the longest time between a left row and its right row; exactly so much is allowed.</summary>
    /// <value>The default value is <see langword="null"/>: any time.</value>
    public TimeSpan? Tolerance { get; init; }

    /// <summary>Gets whether a right row of the very same time matches. Say no where what happened at that moment was not known yet.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool AllowExactMatches { get; init; } = true;

    /// <summary>Gets what is appended to the name of a right column that the left side has too.</summary>
    /// <value>The default value is <see langword="null"/>: such a column is refused.</value>
    public string? Suffix { get; init; }

    /// <summary>Gets the name of a column that tells the time of the right row found.</summary>
    /// <value>The default value is <see langword="null"/>: no such column.</value>
    public string? MatchedTime { get; init; }
}
