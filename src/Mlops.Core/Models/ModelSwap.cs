namespace Mlops.Models;

/// <summary>A hosted model has begun to answer with another generation.</summary>
/// <param name="Previous">The generation that answered before; <see langword="null"/> for the first one.</param>
/// <param name="Current">The generation that answers now, with its training profile.</param>
public sealed record ModelSwap(HostedModel? Previous, HostedModel Current);
