using Mlops.Models;

namespace Mlops.Serving;

/// <summary>What has become of a switch.</summary>
/// <param name="Swap">The switch; <see langword="null"/> where it did not come about, and the generation was retired.</param>
/// <param name="Incompatibility">Why callers could not call the generation; <see langword="null"/> where they could, or it came too late.</param>
internal sealed record GenerationSwitch(ModelSwap? Swap, string? Incompatibility);
