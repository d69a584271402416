using Mlops.Models;

namespace Mlops.Serving;

/// <summary>The generations of a slot at one moment.</summary>
/// <param name="Current">The one that answers; <see langword="null"/> when none does.</param>
/// <param name="Fallback">The one that is kept while the current one is on probation; <see langword="null"/> otherwise.</param>
/// <param name="Draining">Those that are used still, the oldest first.</param>
/// <param name="LastError">Why the last attempt to load failed, or the last version was rolled back; <see langword="null"/> when all is well.</param>
/// <param name="IsClosed">Whether nothing begins to answer any more.</param>
internal sealed record GenerationSnapshot(HostedModel? Current, HostedModel? Fallback, IReadOnlyList<HostedModel> Draining, ModelLoadException? LastError, bool IsClosed);
