using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>Tells another observer of predictions without their sensitive columns.</summary>
/// <remarks>
/// <para>The other observer gets batches that lack what is omitted. A column that is hashed or masked is a text, apart from its tensor: missing values stay missing, and numbers are hashed as their
/// shortest text in the invariant culture. Where a tensor does not tell which of its elements a sensitive column feeds, all of it is left out.</para>
/// <para>Predictions without sensitive columns are passed on as they are. Of others the rest is copied on the caller's thread, where hashes are computed too. Safe for concurrent use.</para>
/// <para>An exception is passed on as it is: what a delegate or another process says in one may hold values.</para>
/// </remarks>
public sealed class RedactingObserver : IPredictionObserver
{
    private readonly IPredictionObserver _observer;
    private readonly byte[] _key;
    private readonly Lock _changing = new();
    private volatile State _state;

    /// <summary>Creates an observer.</summary>
    /// <param name="observer">Who is told; not owned.</param>
    /// <param name="options">What is sensitive; what is changed afterwards has no effect.</param>
    /// <exception cref="ArgumentException">A column is to be hashed, and there is no key, or a short one.</exception>
    public RedactingObserver(IPredictionObserver observer, RedactionOptions options)
    {
        ArgumentNullException.ThrowIfNull(observer);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _observer = observer;
        _key = options.HashKey?.ToArray() ?? [];
        IsInClear = options.EnableSensitiveData;
        DefaultPolicy = options.DefaultPolicy;
        _state = new State(options.Columns.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase));
    }

    private bool IsInClear { get; }

    private SensitiveColumnPolicy DefaultPolicy { get; }

    /// <inheritdoc/>
    public void OnLoaded(HostedModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Profile is { } profile)
        {
            lock (_changing)
            {
                var state = _state;
                string[] added = [.. profile.Columns.Where(column => column.Role == ColumnRole.Sensitive && !state.Columns.ContainsKey(column.Name)).Select(column => column.Name).Distinct(StringComparer.OrdinalIgnoreCase)];
                if (added.Length > 0)
                    _state = new State(state.Columns.Concat(added.Select(column => KeyValuePair.Create(column, DefaultPolicy))).ToFrozenDictionary(StringComparer.OrdinalIgnoreCase));
            }
        }

        _observer.OnLoaded(model);
    }

    /// <inheritdoc/>
    public void OnPredicted(TensorBatch inputs, TensorBatch outputs, PredictionContext context, TimeSpan duration)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        var state = _state;
        if (IsInClear || state.Columns.Count == 0)
        {
            _observer.OnPredicted(inputs, outputs, context, duration);
            return;
        }

        using var shownInputs = PlanOf(inputs, isInput: true).Redact(inputs);
        using var shownOutputs = PlanOf(outputs, isInput: false).Redact(outputs);
        _observer.OnPredicted(shownInputs ?? inputs, shownOutputs ?? outputs, context, duration);
    }

    /// <inheritdoc/>
    public void OnFailed(PredictionContext context, Exception error, TimeSpan duration) => _observer.OnFailed(context, error, duration);

    private RedactionPlan PlanOf(TensorBatch batch, bool isInput)
    {
        var state = _state;
        if (batch.Count == 0) return new RedactionPlan(batch, state.Columns, _key);

        // Each signature has specifications of its own, and a plan that goes with it.
        var plans = isInput ? state.Inputs : state.Outputs;
        if (plans.TryGetValue(batch[0].Spec, out var plan) && plan.Fits(batch)) return plan;
        plan = new RedactionPlan(batch, state.Columns, _key);
        plans.AddOrUpdate(batch[0].Spec, plan);
        return plan;
    }

    /// <summary>What is sensitive, and the plans that follow from it.</summary>
    private sealed class State(FrozenDictionary<string, SensitiveColumnPolicy> columns)
    {
        public FrozenDictionary<string, SensitiveColumnPolicy> Columns { get; } = columns;

        public ConditionalWeakTable<TensorSpec, RedactionPlan> Inputs { get; } = [];

        public ConditionalWeakTable<TensorSpec, RedactionPlan> Outputs { get; } = [];
    }
}
