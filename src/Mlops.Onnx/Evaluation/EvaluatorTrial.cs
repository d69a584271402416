using System.Diagnostics;
using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>Measures both evaluators on rows of made-up values, and compares what they answer.</summary>
/// <param name="model">The model, for ONNX Runtime.</param>
/// <param name="runtime">Its predictor, which the trial disposes.</param>
/// <param name="managed">The predictor of the managed evaluator, which the trial disposes.</param>
internal sealed class EvaluatorTrial(OnnxModel model, IPredictor runtime, IPredictor managed)
{
    /// <summary>The largest difference of two answers, relative to the larger of the answer and 1.</summary>
    private const double Tolerance = 1e-5;

    /// <summary>How often each is called in a round.</summary>
    private const int Calls = 9;

    private readonly PredictionContext _context = new();

    /// <summary>Runs the trial, which takes half a second, or a second where code goes on becoming faster.</summary>
    public OnnxEvaluatorChoice Run()
    {
        try
        {
            return Compare();
        }
        catch (ArgumentOutOfRangeException)
        {
            return new OnnxEvaluatorChoice(OnnxEvaluator.Runtime, "its rows are so wide that the batch of the trial would not fit a tensor");
        }
        finally
        {
            // Both complete synchronously.
            runtime.DisposeAsync().AsTask().GetAwaiter().GetResult();
            managed.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private OnnxEvaluatorChoice Compare()
    {
        using var batch = Fill(OnnxEvaluatorChoice.BatchRows);
        using var row = Fill(1);
        if (FindDifference(batch) is { } difference) return new OnnxEvaluatorChoice(OnnxEvaluator.Runtime, difference);
        return Measure(row, batch).Choose();
    }

    private TensorBatch Fill(int rows)
    {
        var batch = model.Signature.RentInputs(rows);
        // Not random: the same model is tried with the same rows every time.
        var seed = 0u;
        for (var slot = 0; slot < batch.Count; slot++)
        {
            switch (batch[slot])
            {
                case TensorBuffer<float> numbers: foreach (ref var value in numbers.Span) value = Next(); break;
                case TensorBuffer<double> numbers: foreach (ref var value in numbers.Span) value = Next(); break;
                case TensorBuffer<long> numbers: foreach (ref var value in numbers.Span) value = (long)Next(); break;
                case TensorBuffer<int> numbers: foreach (ref var value in numbers.Span) value = (int)Next(); break;
                case TensorBuffer<bool> values: foreach (ref var value in values.Span) value = Next() > 0; break;
                case TensorBuffer<string> texts: texts.Span.Fill(""); break;
            }
        }

        return batch;

        // Values of several sizes, and now and then none.
        float Next()
        {
            seed = (seed * 1664525) + 1013904223;
            var unit = ((seed >> 8) / (float)(1 << 24) * 2) - 1;
            return (seed >> 4 & 15) switch
            {
                0 => float.NaN,
                < 8 => unit,
                < 12 => unit * 10,
                _ => unit * 1000,
            };
        }
    }

    /// <summary>What the two answer differently; <see langword="null"/> where they agree.</summary>
    private string? FindDifference(TensorBatch inputs)
    {
        using var expected = model.Signature.RentOutputs(inputs.Rows);
        using var actual = model.Signature.RentOutputs(inputs.Rows);
        try
        {
            Predict(runtime, inputs, expected);
            Predict(managed, inputs, actual);
        }
        catch (PredictionFailedException)
        {
            return "the rows of the trial could not be predicted";
        }

        for (var slot = 0; slot < expected.Count; slot++)
        {
            if (!AreClose(expected[slot], actual[slot])) return $"the managed evaluator answers differently in '{expected[slot].Spec.Name}'";
        }

        return null;
    }

    private static bool AreClose(TensorBuffer expected, TensorBuffer actual)
    {
        if (!expected.Shape.SequenceEqual(actual.Shape)) return false;
        if (expected is TensorBuffer<string> texts) return texts.Span.SequenceEqual(((TensorBuffer<string>)actual).Span);
        var (first, second) = (TensorNumbers.ToDoubles(expected), TensorNumbers.ToDoubles(actual));
        for (var i = 0; i < first.Length; i++)
        {
            if (first[i].Equals(second[i])) continue;
            if (!(Math.Abs(first[i] - second[i]) <= Tolerance * Math.Max(1, Math.Abs(first[i])))) return false;
        }

        return true;
    }

    /// <summary>Calls each in turn, so that both meet the same machine.</summary>
    private EvaluatorTimes Measure(TensorBatch row, TensorBatch batch)
    {
        var times = new EvaluatorTimes();
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            for (var i = 0; i < Calls && (i == 0 || Stopwatch.GetElapsedTime(start) < EvaluatorTimes.Longest); i++)
            {
                Measure(row, times.RuntimeRow, times.ManagedRow);
                Measure(batch, times.RuntimeBatch, times.ManagedBatch);
            }

            if (times.EndRound(Stopwatch.GetElapsedTime(start))) return times;
        }
    }

    private void Measure(TensorBatch inputs, ShortestTime ofRuntime, ShortestTime ofManaged)
    {
        using var outputs = model.Signature.RentOutputs(inputs.Rows);
        ofRuntime.Add(Time(runtime, inputs, outputs));
        ofManaged.Add(Time(managed, inputs, outputs));
    }

    private long Time(IPredictor predictor, TensorBatch inputs, TensorBatch outputs)
    {
        var start = Stopwatch.GetTimestamp();
        Predict(predictor, inputs, outputs);
        return Stopwatch.GetTimestamp() - start;
    }

    private void Predict(IPredictor predictor, TensorBatch inputs, TensorBatch outputs)
    {
        // Completes synchronously.
        predictor.PredictAsync(inputs, outputs, _context).AsTask().GetAwaiter().GetResult();
    }
}
