using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mlops.Monitoring;

/// <summary>Turns what rules say of one snapshot after another into alerts that are raised and resolved, and tells the sinks.</summary>
/// <remarks>
/// Safe for concurrent use. Time is that of the snapshots. When the version of a model changes, alerts about the one before are resolved and counting
/// begins anew. What it knows is kept in memory and ends with the process.
/// </remarks>
public sealed partial class AlertEngine
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Model, string Rule), RuleMemory> _rules = [];
    private readonly IAlertSink[] _sinks;
    private readonly AlertOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Creates an engine.</summary>
    /// <param name="sinks">Whom to tell.</param>
    /// <param name="options">When to raise and resolve; the defaults when <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock of identifiers; the system's when <see langword="null"/>.</param>
    /// <param name="logger">Where to log; nowhere when <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public AlertEngine(IEnumerable<IAlertSink> sinks, AlertOptions? options = null, TimeProvider? timeProvider = null, ILogger<AlertEngine>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(sinks);
        _sinks = [.. sinks];
        _options = options ?? new AlertOptions();
        if (_options.FindFault() is { } fault) throw new ArgumentException(fault, nameof(options));
        _time = timeProvider ?? TimeProvider.System;
        _logger = logger ?? NullLogger<AlertEngine>.Instance;
    }

    /// <summary>Gets the alerts that are not over.</summary>
    public IReadOnlyList<Alert> ActiveAlerts
    {
        get
        {
            lock (_lock) return [.. _rules.Values.Select(rule => rule.Active).OfType<Alert>().OrderBy(alert => alert.RaisedAt)];
        }
    }

    /// <summary>Takes in a snapshot and tells the sinks, all at the same time, what has changed.</summary>
    /// <param name="snapshot">What a monitor knows, with what its rules say.</param>
    /// <param name="cancellationToken">Cancels the handling.</param>
    /// <returns>The alerts that were raised and, with an end, those that were resolved.</returns>
    public async Task<IReadOnlyList<Alert>> ProcessAsync(MonitorSnapshot snapshot, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var changes = new List<Alert>();
        lock (_lock)
        {
            foreach (var result in snapshot.Rules) Advance(snapshot, result, changes);
        }

        foreach (var alert in changes)
        {
            if (alert.ResolvedAt is null) LogRaised(_logger, alert.Rule, alert.Model, alert.Message);
            else LogResolved(_logger, alert.Rule, alert.Model, alert.Resolution!);
        }

        await Task.WhenAll(changes.SelectMany(alert => _sinks.Select(sink => TellAsync(sink, alert, cancellationToken)))).ConfigureAwait(false);
        return changes;
    }

    private void Advance(MonitorSnapshot snapshot, AlertRuleResult result, List<Alert> changes)
    {
        var key = (snapshot.Model, result.Rule);
        if (!_rules.TryGetValue(key, out var rule)) _rules[key] = rule = new RuleMemory { Version = snapshot.ModelVersion };
        if (rule.Version != snapshot.ModelVersion)
        {
            Resolve(rule, snapshot, changes, DescribeChange(rule, snapshot));
            rule.Firing = rule.Quiet = 0;
            rule.Version = snapshot.ModelVersion;
        }

        rule.Firing = result.State switch { AlertRuleState.Firing => rule.Firing + 1, AlertRuleState.Quiet => 0, _ => rule.Firing };
        rule.Quiet = result.State switch { AlertRuleState.Quiet => rule.Quiet + 1, AlertRuleState.Firing => 0, _ => rule.Quiet };
        if (rule.Active is not null && rule.Quiet >= _options.ResolveAfter)
            Resolve(rule, snapshot, changes, string.Create(CultureInfo.InvariantCulture, $"The rule is quiet, evaluations in a row: {rule.Quiet}. {result.Message}"));
        if (result.State == AlertRuleState.Firing && MayRaise(rule, snapshot.EvaluatedAt)) Raise(rule, snapshot, result, changes);
    }

    private bool MayRaise(RuleMemory rule, DateTimeOffset now)
    {
        if (rule.Firing < _options.RaiseAfter) return false;
        if (rule.Active is not null) return now - rule.Active.RaisedAt >= _options.RepeatAfter;
        return rule.LastRaisedAt is not { } last || now - last >= _options.Cooldown;
    }

    private void Raise(RuleMemory rule, MonitorSnapshot snapshot, AlertRuleResult result, List<Alert> changes)
    {
        rule.Active = new Alert(Ids.Create(_time), result.Rule, snapshot.Model, result.Message, snapshot.EvaluatedAt, result.Severity) { ModelVersion = snapshot.ModelVersion };
        rule.LastRaisedAt = snapshot.EvaluatedAt;
        changes.Add(rule.Active);
    }

    private static void Resolve(RuleMemory rule, MonitorSnapshot snapshot, List<Alert> changes, string resolution)
    {
        if (rule.Active is null) return;
        changes.Add(rule.Active with { ResolvedAt = snapshot.EvaluatedAt, Resolution = resolution });
        rule.Active = null;
    }

    private string DescribeChange(RuleMemory rule, MonitorSnapshot snapshot)
    {
        var text = $"It was about version {rule.Version ?? "unknown"}; version {snapshot.ModelVersion ?? "unknown"} is judged now, and counting begins anew. Whether the rule is quiet is not known yet.";
        return rule.LastRaisedAt is { } last && last + _options.Cooldown > snapshot.EvaluatedAt
            ? string.Create(CultureInfo.InvariantCulture, $"{text} The cooldown keeps it from being raised again before {last + _options.Cooldown:O}.")
            : text;
    }

    private async Task TellAsync(IAlertSink sink, Alert alert, CancellationToken cancellationToken)
    {
        try
        {
            var told = alert.ResolvedAt is null ? sink.OnRaisedAsync(alert, cancellationToken) : sink.OnResolvedAsync(alert, cancellationToken);
            await told.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception) // One sink must not keep the others from being told.
        {
            LogSinkFailed(_logger, exception, sink.GetType().Name, alert.Rule, alert.Model);
        }
    }

    /// <summary>What is known of one rule of one model.</summary>
    private sealed class RuleMemory
    {
        public string? Version { get; set; }

        public int Firing { get; set; }

        public int Quiet { get; set; }

        public Alert? Active { get; set; }

        public DateTimeOffset? LastRaisedAt { get; set; }
    }
}
