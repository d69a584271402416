using System.Globalization;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>How a hosted model is doing. A snapshot.</summary>
/// <param name="Name">The name under which the host serves it.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="Current">The generation that answers; <see langword="null"/> before the first one is loaded.</param>
/// <param name="Draining">Replaced generations whose last predictions or leases have not ended, the oldest first.</param>
/// <param name="LastError">Why the last attempt to load failed; <see langword="null"/> when it succeeded.</param>
public sealed record HostedModelStatus(
    string Name,
    ModelSource Source,
    HostedModel? Current,
    IReadOnlyList<HostedModel> Draining,
    ModelLoadException? LastError)
{
    /// <summary>Gets whether it serves, from the local copy, the version that was served last, because what its source gives could not be fetched when it was to be loaded; <see cref="LastError"/> says why.</summary>
    public bool IsLastGood { get; init; }

    /// <summary>Gets since when and why its source does not tell what is to be served; <see langword="null"/> where it told so when it was last asked, and where it is not asked again by itself: because it is fixed, not followed, or its model not in memory. What serves goes on.</summary>
    public SourceFault? SourceFault { get; init; }

    /// <summary>Gets what the model does for its callers.</summary>
    public HostedModelState State { get; init; }

    /// <summary>Gets how far the load is that is going on; <see langword="null"/> when none is.</summary>
    public ModelLoadProgress? Loading { get; init; }

    /// <summary>Gets the generation that stays loaded while the current one is on probation, to be switched back to; <see langword="null"/> otherwise.</summary>
    public HostedModel? Fallback { get; init; }

    /// <summary>Gets how many calls have been running for longer than <see cref="ModelHostOptions.HangTimeout"/>, or with batching <see cref="BatchingOptions.HangTimeout"/>, those of draining generations included.</summary>
    public int HangingCalls { get; init; }

    /// <summary>Gets for how long the oldest call has been running, at least; zero when none is. Without batching it is known to a tenth of the timeout.</summary>
    public TimeSpan LongestCall { get; init; }

    /// <summary>Gets why its predictor says that it cannot predict now, though it is loaded; <see langword="null"/> where it can, or does not say.</summary>
    public string? Obstacle { get; init; }

    /// <summary>Describes the model in one line.</summary>
    /// <returns>The description: <c>ridership (models:/ridership@champion): version 3; draining: version 2</c>.</returns>
    public override string ToString()
    {
        var draining = Draining.Count == 0 ? "" : $"; draining: {string.Join(", ", Draining.Select(Describe))}";
        var fallback = Fallback is null ? "" : $" on probation, kept beside it: {Describe(Fallback)}";
        var loading = Loading is null ? "" : $"; {Loading}";
        var hanging = HangingCalls == 0 ? "" : $"; {DescribeHanging("")}";
        var fault = SourceFault is null || SourceFault.Error.Message == LastError?.Message ? "" : $"; {DescribeSourceFault("its source")}";
        var obstacle = Obstacle is null ? "" : $"; cannot predict now: {Obstacle}";
        return $"{Name} ({Source}): {(Current is null ? "not loaded" : Describe(Current))}{fallback}{loading}{draining}{(IsLastGood ? "; last good copy" : "")}{hanging}{obstacle}{fault}{(LastError is null ? "" : $"; last error: {LastError.Message}")}";
    }

    /// <summary>Tells how many calls hang, and for how long.</summary>
    /// <param name="whose">What follows the calls: whose they are.</param>
    internal string DescribeHanging(string whose) => string.Create(
        CultureInfo.InvariantCulture,
        $"{HangingCalls} {(HangingCalls == 1 ? $"call{whose} hangs, " : $"calls{whose} hang, the oldest ")}for {LongestCall.TotalSeconds:0.###} s");

    /// <summary>Tells since when the source has not told what is to be served.</summary>
    /// <param name="whose">The source, as the beginning of the sentence.</param>
    internal string DescribeSourceFault(string whose) => string.Create(CultureInfo.InvariantCulture, $"{whose} does not tell since {SourceFault!.Since:u} what is to be served: {SourceFault.Error.Message}");

    private static string Describe(HostedModel model) => string.Create(CultureInfo.InvariantCulture, $"version {model.Version.Version}");
}
