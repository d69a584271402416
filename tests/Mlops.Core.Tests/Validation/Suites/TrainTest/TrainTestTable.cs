using System.Globalization;
using System.Text.Json;
using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

/// <summary>A small table that tests build, cut and change.</summary>
internal sealed class TrainTestTable
{
    private readonly List<(ColumnSchema Schema, object?[] Values)> _columns = [];

    public int RowCount => _columns[0].Values.Length;

    /// <summary>Reads a file of the test data: numbers as Float64, everything else as texts, NA as missing.</summary>
    public static TrainTestTable Read(string file, string label)
    {
        string[][] lines = [.. File.ReadLines(TestFiles.PathOf("tests", "TestData", file)).Select(line => line.Replace("\"", "", StringComparison.Ordinal).Split(','))];
        var table = new TrainTestTable();
        for (var i = 0; i < lines[0].Length; i++)
        {
            string?[] texts = [.. lines.Skip(1).Select(line => line[i] is "NA" or "" ? null : line[i])];
            var role = lines[0][i] == label ? ColumnRole.Label : ColumnRole.Feature;
            if (texts.All(text => text is null || double.TryParse(text, CultureInfo.InvariantCulture, out _)))
                table.Add(lines[0][i], ElementType.Float64, role, [.. texts.Select(text => text is null ? null : (object)double.Parse(text, CultureInfo.InvariantCulture))]);
            else table.Add(lines[0][i], ElementType.String, role, texts);
        }

        return table;
    }

    public static JsonElement ReadGolden(string data, string pair)
        => JsonDocument.Parse(File.ReadAllBytes(TestFiles.PathOf("tests", "TestData", "suites", "train_test_golden.json"))).RootElement.GetProperty(data).GetProperty(pair);

    /// <summary>Cuts as the script does that made the golden figures.</summary>
    public (TrainTestTable Train, TrainTestTable Test) Cut() => (Take(row => !IsTest(row)), Take(IsTest));

    public TrainTestTable Add(string name, ElementType type, ColumnRole role, params object?[] values)
    {
        _columns.Add((new ColumnSchema(name, type, role), values));
        return this;
    }

    public TrainTestTable Add(string name, ElementType type, params object?[] values) => Add(name, type, ColumnRole.Feature, values);

    public TrainTestTable Take(Func<int, bool> isTaken)
    {
        var table = new TrainTestTable();
        foreach (var (schema, values) in _columns) table._columns.Add((schema, [.. values.Where((_, row) => isTaken(row))]));
        return table;
    }

    public TrainTestTable Change(string name, Func<int, object?, object?> change)
    {
        var table = new TrainTestTable();
        foreach (var (schema, values) in _columns) table._columns.Add((schema, schema.Name == name ? [.. values.Select((value, row) => change(row, value))] : values));
        return table;
    }

    public TrainTestTable Without(string name)
    {
        var table = new TrainTestTable();
        table._columns.AddRange(_columns.Where(column => column.Schema.Name != name));
        return table;
    }

    public TrainTestTable Append(TrainTestTable other)
    {
        var table = new TrainTestTable();
        foreach (var (schema, values) in _columns) table._columns.Add((schema, [.. values, .. other._columns.Single(column => column.Schema.Name == schema.Name).Values]));
        return table;
    }

    public object? Get(string name, int row) => _columns.Single(column => column.Schema.Name == name).Values[row];

    /// <summary>Makes a dataset of several batches, so that checks must remember what came before.</summary>
    public InMemoryDataset ToDataset(int batchRows = 7)
    {
        var schema = new DataSchema(_columns.Select(column => column.Schema));
        return new InMemoryDataset("table", schema, Enumerable.Range(0, (RowCount + batchRows - 1) / batchRows)
            .Select(batch => new DataBatch(schema, _columns.Select(column => ToColumn(column.Schema.Type, [.. column.Values.Skip(batch * batchRows).Take(batchRows)])))));
    }

    /// <summary>Carries out one check.</summary>
    public static async Task<CheckResult> RunAsync(IValidationCheck check, TrainTestTable train, TrainTestTable? test, Func<ValidationSubject, ValidationSubject>? with = null)
    {
        var subject = new ValidationSubject(train.ToDataset(Math.Max(7, train.RowCount / 3))) { Test = test?.ToDataset(Math.Max(7, test.RowCount / 3)) };
        var report = await new ValidationSuite("one", check).RunAsync(with is null ? subject : with(subject), TestContext.Current.CancellationToken);
        var result = report[check.Name];
        Assert.NotEqual(CheckStatus.Error, result.Status);
        return result;
    }

    private static bool IsTest(int row) => ((37 * row) + 11) % 100 < 25;

    private static Column ToColumn(ElementType type, object?[] values) => type switch
    {
        ElementType.String => TextColumn.FromStrings([.. values.Cast<string?>()]),
        ElementType.Float64 => Of<double>(values),
        ElementType.Float32 => Of<float>(values),
        ElementType.Int64 => Of<long>(values),
        ElementType.Int32 => Of<int>(values),
        ElementType.UInt8 => Of<byte>(values),
        ElementType.Boolean => Of<bool>(values),
        ElementType.Date => Of<DateOnly>(values),
        ElementType.Timestamp => Of<DateTime>(values),
        _ => throw new NotSupportedException(),
    };

    private static Column<T> Of<T>(object?[] values)
        where T : unmanaged
    {
        var validity = new ulong[(values.Length + 63) / 64];
        for (var row = 0; row < values.Length; row++)
        {
            if (values[row] is not null) validity[row / 64] |= 1UL << row;
        }

        return new Column<T>([.. values.Select(value => value is null ? default : (T)value)], validity);
    }
}
