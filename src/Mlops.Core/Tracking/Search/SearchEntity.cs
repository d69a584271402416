namespace Mlops.Tracking;

/// <summary>What a field of a search belongs to.</summary>
public enum SearchEntity
{
    /// <summary>The thing itself: its name, status, times.</summary>
    Attribute,

    /// <summary>The latest value of a metric.</summary>
    Metric,

    /// <summary>A param.</summary>
    Param,

    /// <summary>A tag.</summary>
    Tag,

    /// <summary>A dataset that a run used.</summary>
    Dataset,
}
