using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Counts the test rows that equal training rows in some columns. Rows without a value in any of the columns are left out.</summary>
internal sealed class OverlapCounter(IReadOnlyList<PairedColumn> columns)
{
    private readonly PairedRowHasher _hasher = new(columns);
    private readonly HashIndex _train = new();
    private readonly HashSet<int> _shared = [];

    /// <summary>Gets the number of different keys of the training set.</summary>
    public int TrainKeys => _train.Count;

    /// <summary>Gets the number of different keys that are in both.</summary>
    public int SharedKeys => _shared.Count;

    /// <summary>Gets the number of training rows that have a key.</summary>
    public long TrainRowsWithKey { get; private set; }

    /// <summary>Gets the number of test rows that have a key.</summary>
    public long TestRowsWithKey { get; private set; }

    /// <summary>Gets the number of test rows whose key is in the training set.</summary>
    public long SharedTestRows { get; private set; }

    /// <summary>Adds rows.</summary>
    public void Add(DatasetPart part, DataBatch rows)
    {
        var hashes = _hasher.Compute(part, rows);
        for (var row = 0; row < hashes.Length; row++)
        {
            if (_hasher.AreEmpty[row]) continue;
            if (part == DatasetPart.Train)
            {
                _train.GetOrAdd(hashes[row]);
                TrainRowsWithKey++;
                continue;
            }

            TestRowsWithKey++;
            if (_train.Find(hashes[row]) is not (>= 0 and var key)) continue;
            SharedTestRows++;
            _shared.Add(key);
        }
    }
}
