using System.Globalization;
using Mlops.Models;

namespace Mlops.Serving.Tests.Batching;

/// <summary>One prediction of rows that are known by their tags.</summary>
internal sealed class TaggedCall : IDisposable
{
    private readonly TensorBatch _inputs;
    private readonly TensorBatch _outputs;
    private readonly long _firstTag;
    private readonly int _offset;

    public TaggedCall(IPredictor predictor, long firstTag, int rows = 1, int width = 2, int offset = 0)
    {
        _firstTag = firstTag;
        _offset = offset;
        _inputs = predictor.Signature.RentInputs(rows);
        _outputs = predictor.Signature.RentOutputs(rows);
        for (var row = 0; row < rows; row++)
        {
            _inputs.Get<long>(0).Span[row] = TagOf(row);
            _inputs.Get<string>(1).Span[row] = TextOf(row);
        }

        Blank();
        if (_inputs.Count <= 2) return;
        _inputs.Get<float>(2).Resize(rows, width);
        for (var i = 0; i < rows * width; i++) _inputs.Get<float>(2).Span[i] = ValueOf(i);
        _inputs.Get<int>(3).Span[0] = offset;
    }

    public PredictionContext Context { get; } = new();

    public TensorBatch Inputs => _inputs;

    public TensorBatch Outputs => _outputs;

    public Task Task { get; private set; } = Task.CompletedTask;

    public TaggedCall Start(IPredictor predictor, CancellationToken cancellationToken = default)
    {
        Task = predictor.PredictAsync(_inputs, _outputs, Context, cancellationToken).AsTask();
        return this;
    }

    public bool IsBlank => !_outputs.Get<long>(0).Span.ContainsAnyExcept(-77) && _outputs.Get<string>(1).Span.ToArray().All(text => text == "-");

    public void Blank()
    {
        _outputs.Get<long>(0).Span.Fill(-77);
        _outputs.Get<string>(1).Span.Fill("-");
    }

    public bool HasOwnRows()
    {
        var isOwn = true;
        for (var row = 0; row < _inputs.Rows; row++)
        {
            isOwn &= _outputs.Get<long>(0).Span[row] == TaggedPredictor.Answer(TagOf(row), _offset);
            isOwn &= _outputs.Get<string>(1).Span[row] == $"{TextOf(row)}!";
        }

        if (_inputs.Count <= 2) return isOwn;
        isOwn &= _outputs.Get<float>(2).Shape.SequenceEqual(_inputs.Get<float>(2).Shape);
        for (var i = 0; isOwn && i < _inputs.Get<float>(2).Length; i++) isOwn &= _outputs.Get<float>(2).Span[i] == ValueOf(i) + 1;
        return isOwn;
    }

    public void Dispose()
    {
        _inputs.Dispose();
        _outputs.Dispose();
    }

    private long TagOf(int row) => _firstTag < 0 ? _firstTag : _firstTag + row;

    private string TextOf(int row) => TagOf(row).ToString(CultureInfo.InvariantCulture);

    private float ValueOf(int index) => ((_firstTag * 7) + index) % 1000;
}
