using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>Tells another observer of predictions without their sensitive columns.</summary>
/// <remarks>
/// <para>What the profile of a model marks as sensitive, in whichever of its versions, is hidden in the predictions of that model; what the options name, in those of all. In predictions of a model that has no
/// profile, in one of its versions, or that the observer was never told of (<see cref="OnLoaded"/>), what any model marks is hidden: it may be made of that one.</para>
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
    private readonly ConcurrentDictionary<string, Sensitive?> _byModel = new(StringComparer.Ordinal);
    private readonly Sensitive _named;
    private volatile Sensitive _any;

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
        _named = _any = new Sensitive(options.Columns.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase));
    }

    private bool IsInClear { get; }

    private SensitiveColumnPolicy DefaultPolicy { get; }

    /// <inheritdoc/>
    public void OnLoaded(HostedModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        string[] columns = [.. (model.Profile?.Columns ?? []).Where(column => column.Role == ColumnRole.Sensitive).Select(column => column.Name)];
        lock (_changing)
        {
            _any = _any.With(columns, DefaultPolicy);
            _byModel[model.Name] = model.Profile is null ? null : _byModel.GetValueOrDefault(model.Name, _named)?.With(columns, DefaultPolicy);
        }

        _observer.OnLoaded(model);
    }

    /// <inheritdoc/>
    public void OnPredicted(TensorBatch inputs, TensorBatch outputs, PredictionContext context, TimeSpan duration)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        if (IsInClear || Find(context.ModelName) is not { Columns.Count: > 0 } sensitive)
        {
            _observer.OnPredicted(inputs, outputs, context, duration);
            return;
        }

        using var shownInputs = PlanOf(inputs, sensitive, sensitive.Inputs).Redact(inputs);
        using var shownOutputs = PlanOf(outputs, sensitive, sensitive.Outputs).Redact(outputs);
        _observer.OnPredicted(shownInputs ?? inputs, shownOutputs ?? outputs, context, duration);
    }

    /// <inheritdoc/>
    public void OnFailed(PredictionContext context, Exception error, TimeSpan duration) => _observer.OnFailed(context, error, duration);

    /// <summary>Finds what is sensitive in the predictions of a model.</summary>
    private Sensitive Find(string? model)
    {
        var any = _any;
        if (any.Columns.Count == 0) return any;
        return (model is null ? null : _byModel.GetValueOrDefault(model)) ?? any;
    }

    private RedactionPlan PlanOf(TensorBatch batch, Sensitive sensitive, ConditionalWeakTable<TensorSpec, RedactionPlan> plans)
    {
        if (batch.Count == 0) return new RedactionPlan(batch, sensitive.Columns, _key);

        // Each signature has specifications of its own, and a plan that goes with it.
        if (plans.TryGetValue(batch[0].Spec, out var plan) && plan.Fits(batch)) return plan;
        plan = new RedactionPlan(batch, sensitive.Columns, _key);
        plans.AddOrUpdate(batch[0].Spec, plan);
        return plan;
    }

    /// <summary>What is sensitive, and the plans that follow from it.</summary>
    private sealed class Sensitive(FrozenDictionary<string, SensitiveColumnPolicy> columns)
    {
        public FrozenDictionary<string, SensitiveColumnPolicy> Columns { get; } = columns;

        public ConditionalWeakTable<TensorSpec, RedactionPlan> Inputs { get; } = [];

        public ConditionalWeakTable<TensorSpec, RedactionPlan> Outputs { get; } = [];

        /// <summary>Adds columns; those that are there keep their policies.</summary>
        public Sensitive With(string[] columns, SensitiveColumnPolicy policy)
        {
            string[] added = [.. columns.Where(column => !Columns.ContainsKey(column)).Distinct(StringComparer.OrdinalIgnoreCase)];
            return added.Length == 0 ? this : new Sensitive(Columns.Concat(added.Select(column => KeyValuePair.Create(column, policy))).ToFrozenDictionary(StringComparer.OrdinalIgnoreCase));
        }
    }
}
