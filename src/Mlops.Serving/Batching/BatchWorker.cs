using Mlops.Models;

namespace Mlops.Serving;

/// <summary>Runs batches: gathers the rows of callers into tensors of its own, predicts, and hands each caller its rows.</summary>
/// <remarks>
/// A batch that fails is halved until what fails is alone. Once two have failed alone one after the other, the next ones are tried alone at once, until one succeeds. So one bad request
/// costs about 2·log₂ n runs, and a model that fails on everything n + log₂ n, hardly more than without batches. Nobody fails untried: that four have failed does not tell that the fifth would.
/// </remarks>
internal sealed class BatchWorker(BatchScheduler scheduler, IPredictor predictor, BatchLayout layout) : IThreadPoolWorkItem
{
    private readonly PredictionContext _context = new();
    private readonly Stack<(int First, int Count)> _open = new();
    private int[] _batchRows = [];
    private bool[] _isAnswered = [];
    private TensorBatch? _inputs;
    private TensorBatch? _outputs;

    /// <summary>Gets what it runs; empty where a caller runs its own prediction. Guarded by the scheduler's lock; only this worker's run reads it otherwise.</summary>
    public List<BatchPart> Parts { get; } = [];

    // Guarded by the scheduler's lock.
    public bool IsRunning { get; set; }

    public bool IsHanging { get; set; }

    public bool IsCancelled { get; set; }

    public int Rows { get; set; }

    public long StartedAt { get; set; }

    /// <summary>Gets or sets what ends the run when nobody waits for any of its rows.</summary>
    public CancellationTokenSource Cancellation { get; set; } = new();

    /// <summary>Gets or sets whether all was predicted at once, so that its time tells how long a batch takes.</summary>
    public bool IsTypical { get; set; }

    /// <summary>Gets or sets how many rows the model was given in this run: none of those who have gone since they were taken.</summary>
    public int PredictedRows { get; set; }

    public void Execute() => _ = RunAsync();

    public void Dispose()
    {
        _inputs?.Dispose();
        _outputs?.Dispose();
        (_inputs, _outputs) = (null, null);
    }

    private async Task RunAsync()
    {
        if (!scheduler.TryTake(this)) return;
        (IsTypical, PredictedRows) = (false, 0);
        try
        {
            scheduler.Measure(this);
            await RunPartsAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // A fault of ours; whoever waits must hear of it.
            Fail(0, Parts.Count, error);
        }

        scheduler.OnRun(this);
    }

    private async ValueTask RunPartsAsync()
    {
        var count = Parts.Count;
        if (_batchRows.Length < count) (_batchRows, _isAnswered) = (new int[2 * count], new bool[2 * count]);
        _isAnswered.AsSpan(0, count).Clear();
        var error = await TryRunAsync(0, count).ConfigureAwait(false);
        IsTypical = error is null;
        if (error is null) return;
        if (count == 1 || !IsOfRows(error)) Fail(0, count, error);
        else await BisectAsync(error).ConfigureAwait(false);
    }

    private async ValueTask BisectAsync(Exception error)
    {
        Split(0, Parts.Count, error);
        var aloneInARow = 0;
        while (_open.TryPop(out var range))
        {
            if (aloneInARow >= 2 && range.Count > 1)
            {
                _open.Push((range.First + 1, range.Count - 1));
                range = (range.First, 1);
            }

            var failure = await TryRunAsync(range.First, range.Count).ConfigureAwait(false);
            if (failure is null)
            {
                aloneInARow = 0;
            }
            else if (!IsOfRows(failure))
            {
                Fail(range.First, range.Count, failure);
                FailOpen(failure);
            }
            else if (range.Count > 1)
            {
                Split(range.First, range.Count, failure);
            }
            else
            {
                Fail(range.First, 1, failure);
                aloneInARow++;
            }
        }
    }

    private void Split(int first, int count, Exception error)
    {
        // The model has said which row it is: its request is tried alone, to fail as it would without a batch.
        if (error is PredictionFailedException { Row: { } row } && FindPart(first, count, row) is var at and >= 0)
        {
            if (at + 1 < first + count) _open.Push((at + 1, first + count - at - 1));
            if (at > first) _open.Push((first, at - first));
            _open.Push((at, 1));
            return;
        }

        var half = count / 2;
        _open.Push((first + half, count - half));
        _open.Push((first, half));
    }

    private int FindPart(int first, int count, int row)
    {
        for (var i = first; i < first + count; i++)
        {
            if (_batchRows[i] >= 0 && row >= _batchRows[i] && row < _batchRows[i] + Parts[i].Rows) return i;
        }

        return -1;
    }

    private async ValueTask<Exception?> TryRunAsync(int first, int count)
    {
        var rows = Gather(first, count);
        if (rows == 0) return null;
        PredictedRows += rows;
        try
        {
            await predictor.PredictAsync(_inputs!, _outputs!, _context, Cancellation.Token).ConfigureAwait(false);
            if (layout.FindWrongRows(_outputs!, rows) is { } wrong) Fail(first, count, wrong);
            else Scatter(first, count);
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
        finally
        {
            // Texts of callers must not stay in memory.
            _inputs!.SetRows(0);
            _outputs!.SetRows(0);
        }
    }

    /// <summary>Copies the rows of everybody who still waits.</summary>
    private int Gather(int first, int count)
    {
        int rows;
        while ((rows = TryGather(first, count)) < 0)
        {
        }

        return rows;
    }

    /// <summary>Copies the rows; −1 when somebody's tensors are not what they were, who is told so.</summary>
    private int TryGather(int first, int count)
    {
        var rows = 0;
        var copied = -1;
        BatchRequest? example = null;
        for (var i = first; i < first + count; i++)
        {
            var part = Parts[i];
            _batchRows[i] = -1;
            // The request of an answered part may go on in other batches.
            if (_isAnswered[i] || !part.Request.TryTouch()) continue;
            if (example is null) (example, copied) = (part.Request, i);
            _batchRows[i] = rows;
            rows += part.Rows;
        }

        if (example is null) return 0;
        try
        {
            _inputs ??= predictor.Signature.RentInputs(0);
            _outputs ??= predictor.Signature.RentOutputs(0);
            layout.SetRows(_inputs, example.Inputs, rows);
            _outputs.SetRows(rows);
            for (var i = first; i < first + count; i++)
            {
                if (_batchRows[i] < 0) continue;
                copied = i;
                layout.Gather(Parts[i], _inputs, _batchRows[i]);
            }
        }
        catch (Exception error)
        {
            Parts[copied].Request.TryEnd(error);
            return -1;
        }
        finally
        {
            for (var i = first; i < first + count; i++)
            {
                if (_batchRows[i] >= 0) Parts[i].Request.EndTouch();
            }
        }

        _context.Reset();
        _context.Priority = example.Priority;
        return rows;
    }

    private void Scatter(int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            var (request, rows) = (Parts[i].Request, Parts[i].Rows);
            if (_batchRows[i] < 0 || !request.TryTouch()) continue;
            try
            {
                if (layout.Scatter(_outputs!, _batchRows[i], Parts[i]) is { } wrong)
                {
                    request.TryEnd(wrong);
                    continue;
                }

                if (_context.ModelName is { } name) request.Context.ModelName = name;
                if (_context.ModelVersion is { } version) request.Context.ModelVersion = version;
                if (_context.Model is { } model) request.Context.Model = model;
                if (_context.Route is { } route) request.Context.Route = route;
                _isAnswered[i] = true;
                request.OnAnswered(rows);
            }
            catch (Exception error)
            {
                // The caller has done something with its tensors.
                request.TryEnd(error);
            }
            finally
            {
                request.EndTouch();
            }
        }
    }

    /// <summary>Whether other rows might not fail so.</summary>
    private static bool IsOfRows(Exception error)
        => error is not (ObjectDisposedException or PredictionRejectedException or OperationCanceledException or TimeoutException or OutOfMemoryException);

    private void FailOpen(Exception error)
    {
        while (_open.TryPop(out var range)) Fail(range.First, range.Count, error);
    }

    private void Fail(int first, int count, Exception error)
    {
        for (var i = first; i < first + count; i++)
        {
            if (!Parts[i].Request.HasEnded) Parts[i].Request.TryEnd(count == 1 ? BatchFailure.Of(error, layout.Model, Parts[i].FirstRow) : BatchFailure.CopyOf(error, layout.Model));
        }
    }
}
