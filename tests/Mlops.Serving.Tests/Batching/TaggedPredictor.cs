using System.Collections.Concurrent;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Serving.Tests.Batching;

/// <summary>Gives each row back what only its caller can have given it. Fails on rows of a negative tag, when told to.</summary>
internal sealed class TaggedPredictor : IPredictor
{
    private int _disposals;

    /// <summary>Creates a model; with shapes it has besides an input of any width, and one without rows that is the same for all rows of a batch.</summary>
    public TaggedPredictor(bool isShaped = false)
    {
        TensorSpec[] outputs = [TensorSpec.Of<long>("tag"), TensorSpec.Of<string>("text")];
        if (isShaped) outputs = [.. outputs, new TensorSpec("values", ElementType.Float32, [-1, -1])];
        Signature = new ModelSignature(isShaped ? [.. outputs, new TensorSpec("offset", ElementType.Int32, [])] : outputs, outputs);
    }

    public ModelSignature Signature { get; }

    /// <summary>Gets or sets what a call awaits first; with one, calls are asynchronous.</summary>
    public Func<CancellationToken, Task>? Before { get; set; }

    /// <summary>Gets or sets what a call does before it answers.</summary>
    public Action<TensorBatch>? During { get; set; }

    /// <summary>Gets or sets whether a row of a negative tag fails the call.</summary>
    public bool FailsOnNegative { get; set; }

    /// <summary>Gets or sets whether the failure names the row.</summary>
    public bool NamesRow { get; set; }

    /// <summary>Gets or sets what every call throws.</summary>
    public Func<Exception>? Failure { get; set; }

    /// <summary>Gets the rows of every call, in order.</summary>
    public ConcurrentQueue<int> Batches { get; } = new();

    /// <summary>Gets the tags of every call, in order.</summary>
    public ConcurrentQueue<long[]> Tags { get; } = new();

    /// <summary>Gets or sets whether calls are recorded.</summary>
    public bool Records { get; set; } = true;

    public int Disposals => Volatile.Read(ref _disposals);

    public static long Answer(long tag, int offset) => (tag * 3) + offset;

    public ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(Disposals > 0, this);
        cancellationToken.ThrowIfCancellationRequested();
        PredictionChecks.CheckInputs(Signature, inputs, "tagged");
        PredictionChecks.CheckOutputs(Signature, inputs, outputs, "tagged");
        if (Records)
        {
            Batches.Enqueue(inputs.Rows);
            Tags.Enqueue(inputs.Get<long>(0).Span.ToArray());
        }

        if (Before is { } before) return SlowlyAsync(before, inputs, outputs, context, cancellationToken);
        During?.Invoke(inputs);
        Compute(inputs, outputs, context);
        return default;
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    public ValueTask DisposeAsync()
    {
        Interlocked.Increment(ref _disposals);
        return default;
    }

    private async ValueTask SlowlyAsync(Func<CancellationToken, Task> before, TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken)
    {
        await before(cancellationToken);
        During?.Invoke(inputs);
        Compute(inputs, outputs, context);
    }

    private void Compute(TensorBatch inputs, TensorBatch outputs, PredictionContext context)
    {
        if (Failure is { } failure) throw failure();
        var tags = inputs.Get<long>(0).Span;
        var row = FailsOnNegative ? tags.IndexOfAnyInRange(long.MinValue, -1) : -1;
        if (row >= 0) throw new PredictionFailedException("tagged", "poison") { Row = NamesRow ? row : null };
        context.ModelVersion = "7";
        var offset = inputs.Count > 3 ? inputs.Get<int>(3).Span[0] : 0;
        for (var i = 0; i < tags.Length; i++)
        {
            outputs.Get<long>(0).Span[i] = Answer(tags[i], offset);
            outputs.Get<string>(1).Span[i] = $"{inputs.Get<string>(1).Span[i]}!";
        }

        if (inputs.Count <= 2) return;
        var values = inputs.Get<float>(2);
        outputs.Get<float>(2).Resize(values.Shape);
        for (var i = 0; i < values.Length; i++) outputs.Get<float>(2).Span[i] = values.Span[i] + 1;
    }
}
