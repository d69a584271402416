namespace Mlops.Training;

/// <summary>All rows as features in memory, in blocks of the same size, however the dataset delivers its rows: sums over blocks do not depend on that.</summary>
/// <param name="width">The number of features.</param>
internal sealed class FeatureTable(int width)
{
    /// <summary>The number of rows of each block but the last.</summary>
    public const int BlockRows = 4096;

    private readonly List<FeatureBlock> _blocks = [];
    private FeatureBlock? _open;
    private int _openRows;

    public int Width => width;

    public long Rows { get; private set; }

    /// <summary>Gets the blocks; complete after <see cref="Close"/>.</summary>
    public IReadOnlyList<FeatureBlock> Blocks => _blocks;

    public static async Task<FeatureTable> ReadAsync(IAsyncEnumerable<FeatureBlock> source, int width, CancellationToken cancellationToken)
    {
        var table = new FeatureTable(width);
        await foreach (var block in source.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            table.Add(block);
            cancellationToken.ThrowIfCancellationRequested();
        }

        table.Close();
        return table;
    }

    private void Add(FeatureBlock block)
    {
        Rows += block.Rows;
        if (_openRows == 0 && block.Rows == BlockRows)
        {
            _blocks.Add(block);
            return;
        }

        for (var start = 0; start < block.Rows;)
        {
            _open ??= new FeatureBlock(new double[width * BlockRows], new double[BlockRows], new double[BlockRows]);
            var taken = Math.Min(BlockRows - _openRows, block.Rows - start);
            for (var i = 0; i < width; i++) block.Feature(i).Slice(start, taken).CopyTo(_open.Features.AsSpan((i * BlockRows) + _openRows));
            block.Labels.AsSpan(start, taken).CopyTo(_open.Labels.AsSpan(_openRows));
            block.Weights.AsSpan(start, taken).CopyTo(_open.Weights.AsSpan(_openRows));
            start += taken;
            _openRows += taken;
            if (_openRows < BlockRows) continue;
            _blocks.Add(_open);
            (_open, _openRows) = (null, 0);
        }
    }

    private void Close()
    {
        if (_open is null) return;
        var features = new double[width * _openRows];
        for (var i = 0; i < width; i++) _open.Feature(i)[.._openRows].CopyTo(features.AsSpan(i * _openRows));
        _blocks.Add(new FeatureBlock(features, _open.Labels[.._openRows], _open.Weights[.._openRows]));
        (_open, _openRows) = (null, 0);
    }
}
