namespace Mlops.Models;

/// <summary>What travels with one prediction: who asks, until when, and, on return, which model answered.</summary>
/// <remarks>Reusable after <see cref="Reset"/>; not safe for concurrent use. The caller owns it until the prediction has completed.</remarks>
public sealed class PredictionContext
{
    /// <summary>Gets or sets the identifier under which the true value is reported later; an observer that needs one sets it when it is empty.</summary>
    public Guid Id { get; set; }

    /// <summary>Gets or sets the key by which routes decide: equal keys take equal routes. <see langword="null"/> where none is needed.</summary>
    public string? RouteKey { get; set; }

    /// <summary>Gets or sets the priority.</summary>
    /// <value>The default value is <see cref="PredictionPriority.Normal"/>.</value>
    public PredictionPriority Priority { get; set; } = PredictionPriority.Normal;

    /// <summary>Gets or sets when the answer becomes useless; <see langword="null"/> for never.</summary>
    public DateTimeOffset? Deadline { get; set; }

    /// <summary>Gets or sets when the predicted event happens; observers use the time of the call when it is <see langword="null"/>.</summary>
    public DateTimeOffset? EventTime { get; set; }

    /// <summary>Gets or sets, on return, the name of the model that answered.</summary>
    public string? ModelName { get; set; }

    /// <summary>Gets or sets, on return, the version of the model that answered; <see langword="null"/> for a model outside a registry.</summary>
    public string? ModelVersion { get; set; }

    /// <summary>Gets or sets, on return, the generation that answered, with its digest and since when it serves; <see langword="null"/> where no host answered.</summary>
    public HostedModel? Model { get; set; }

    /// <summary>Gets or sets, on return, the route that was taken: <c>primary</c>, <c>canary</c>, <c>shadow</c>.</summary>
    public string? Route { get; set; }

    /// <summary>Makes the context as new.</summary>
    public void Reset()
    {
        Id = default;
        RouteKey = null;
        Priority = PredictionPriority.Normal;
        Deadline = null;
        EventTime = null;
        ModelName = null;
        ModelVersion = null;
        Model = null;
        Route = null;
    }
}
