using Mlops.Data;

namespace Mlops.Validation;

/// <summary>A search for personal data that is under way. Not safe for concurrent use.</summary>
/// <example><code>
/// var (pii, profile) = (detector.Begin(data.Name, data.Schema), new DatasetProfile(data.Schema));
/// await data.ScanAsync([pii.Add, profile.Add]);
/// var report = pii.Finish();
/// </code></example>
public sealed class PiiDetection
{
    private readonly string _name;
    private readonly DataSchema _schema;
    private readonly PiiColumnScan?[] _scans;
    private long _rows;

    internal PiiDetection(string name, DataSchema schema, PiiRules rules)
    {
        (_name, _schema) = (name, schema);
        _scans = [.. schema.Select(column => PiiColumnScan.Create(column, rules))];
    }

    /// <summary>Looks at rows.</summary>
    /// <param name="batch">The rows, of the schema that the search was begun with.</param>
    public void Add(DataBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        for (var i = 0; i < _scans.Length; i++)
        {
            if (_scans[i] is { } scan) scan.Add(batch[_schema[i].Name], _rows);
        }

        _rows += batch.RowCount;
    }

    /// <summary>Ends the search.</summary>
    /// <returns>What was found.</returns>
    public PiiReport Finish() => new(_name, _rows, [.. _scans.OfType<PiiColumnScan>().SelectMany(scan => scan.Finish())]);
}
