namespace Mlops.Tracking;

/// <summary>What an alias must point to for it to be moved.</summary>
public readonly record struct AliasCondition
{
    private AliasCondition(bool isChecked, int? expected)
    {
        IsChecked = isChecked;
        Expected = expected;
    }

    /// <summary>Gets the condition that always holds. It is the default.</summary>
    public static AliasCondition Always => default;

    /// <summary>Gets whether there is anything to check.</summary>
    public bool IsChecked { get; }

    /// <summary>Gets the version that the alias must point to; <see langword="null"/> when it must not exist.</summary>
    public int? Expected { get; }

    /// <summary>Makes the condition that the alias points to a version, or does not exist.</summary>
    /// <param name="version">The version; <see langword="null"/> when the alias must not exist.</param>
    /// <returns>The condition.</returns>
    public static AliasCondition IfPointsTo(int? version) => new(true, version);
}
