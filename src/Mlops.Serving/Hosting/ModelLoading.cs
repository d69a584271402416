namespace Mlops.Serving;

/// <summary>When a hosted model is loaded.</summary>
public enum ModelLoading
{
    /// <summary>When it is added, or when the application starts; it then stays in memory.</summary>
    AtStart,

    /// <summary>By the first prediction that needs it; it may be evicted to keep to <see cref="ModelHostOptions.MemoryBudgetBytes"/>, and is then loaded again by the next one.</summary>
    OnFirstUse,
}
