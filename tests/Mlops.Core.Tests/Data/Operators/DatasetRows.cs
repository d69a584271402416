using System.Collections;
using System.Globalization;
using Mlops.Data;

namespace Mlops.Core.Tests.Data;

/// <summary>Reads datasets as rows of plain objects, which reference implementations understand.</summary>
internal static class DatasetRows
{
    private static readonly int[] s_batchSizes = [1, 3, 64, 65, 1000];

    public static async Task<List<object?[]>> ReadAsync(IDataset dataset, ReadOptions? options = null)
    {
        var schema = options?.Columns is null ? dataset.Schema : dataset.Schema.Select(options.Columns);
        var rows = new List<object?[]>();
        await foreach (var batch in dataset.ReadAsync(options, TestContext.Current.CancellationToken))
        {
            Assert.Equal(schema, batch.Schema);
            Assert.InRange(batch.RowCount, 1, options?.BatchRows ?? int.MaxValue);
            for (var row = 0; row < batch.RowCount; row++) rows.Add([.. Enumerable.Range(0, schema.Count).Select(i => batch[i].GetValue(row))]);
            foreach (var column in schema) Assert.True(column.IsNullable || batch[column.Name].NullCount == 0, $"{column.Name} may not be null");
        }

        return rows;
    }

    /// <summary>Reads the rows, and checks that every other way of reading them gives the same: batch sizes, some columns, at the same time.</summary>
    public static async Task<List<object?[]>> ReadLawfullyAsync(IDataset dataset)
    {
        var rows = await ReadAsync(dataset);
        foreach (var size in s_batchSizes) AssertSame(rows, await ReadAsync(dataset, new ReadOptions { BatchRows = size }));

        var names = dataset.Schema.Select(column => column.Name).ToArray();
        for (var i = 0; i < names.Length; i++)
            AssertSame([.. rows.Select(row => new[] { row[i] })], await ReadAsync(dataset, new ReadOptions { Columns = [names[i]], BatchRows = 7 }));
        AssertSame([.. rows.Select(row => row.Reverse().ToArray())], await ReadAsync(dataset, new ReadOptions { Columns = [.. names.Reverse()] }));

        var readers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => ReadAsync(dataset, new ReadOptions { BatchRows = 5 + i }))));
        foreach (var reader in readers) AssertSame(rows, reader);
        Assert.Throws<ArgumentOutOfRangeException>(() => { dataset.ReadAsync(new ReadOptions { BatchRows = 0 }); });
        return rows;
    }

    public static void AssertSame(IReadOnlyList<object?[]> expected, IReadOnlyList<object?[]> actual) => Assert.Equal(expected.Select(Show), actual.Select(Show));

    public static string Show(object?[] row) => string.Join("|", row.Select(Show));

    private static string Show(object? value) => value switch
    {
        null => "∅",
        string text => $"\"{text}\"",
        DateTime moment => moment.ToString("O", CultureInfo.InvariantCulture),
        IEnumerable elements => $"[{string.Join(",", elements.Cast<object>().Select(Show))}]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
