using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Mlops.Triggers;

/// <summary>The instruments of triggers.</summary>
internal sealed class TriggerTelemetry
{
    private const string Name = "Mlops.Core";

    private static readonly string s_version = typeof(TriggerTelemetry).Assembly.GetName().Version?.ToString(3) ?? "";
    private static readonly Lazy<TriggerTelemetry> s_shared = new(() => new TriggerTelemetry(new Meter(Name, s_version)));

    private readonly Counter<long> _fired;

    private TriggerTelemetry(Meter meter) => _fired = meter.CreateCounter<long>("mlops.trigger.fired", "{event}", "Causes that triggers were told of, by what was done.");

    /// <summary>Takes the meter from the host's factory, or the package's own where there is none.</summary>
    public static TriggerTelemetry Create(IMeterFactory? factory)
        => factory is null ? s_shared.Value : new TriggerTelemetry(factory.Create(new MeterOptions(Name) { Version = s_version }));

    public void OnFired(string trigger, string? model, TriggerOutcome outcome)
    {
        if (!_fired.Enabled) return;
        var tags = new TagList { { "mlops.trigger.name", trigger }, { "mlops.trigger.outcome", Describe(outcome) } };
        if (model is not null) tags.Add("mlops.model.name", model);
        _fired.Add(1, tags);
    }

    private static string Describe(TriggerOutcome outcome) => outcome switch
    {
        TriggerOutcome.Ran => "ran",
        TriggerOutcome.Failed => "failed",
        TriggerOutcome.AlreadyHandled => "already_handled",
        TriggerOutcome.CoolingDown => "cooling_down",
        _ => "busy",
    };
}
