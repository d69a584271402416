using Mlops.Models;

namespace Mlops.Serving;

/// <summary>A change of the generation that answers, to be told.</summary>
/// <param name="Swap">The change.</param>
/// <param name="Number">How many changes of the slot there were, with this one.</param>
/// <param name="IsAgain">Whether it brings back, after an eviction, the version that answered last: to those who know that, it is no other one.</param>
internal sealed record GenerationChange(ModelSwap Swap, long Number, bool IsAgain);
