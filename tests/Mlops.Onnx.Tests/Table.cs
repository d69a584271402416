using System.Globalization;

namespace Mlops.Onnx.Tests;

/// <summary>A file of comma-separated values in which no value holds a comma, as those of the tests are.</summary>
internal sealed class Table
{
    private readonly string[] _names;
    private readonly string[][] _rows;

    private Table(string[] names, string[][] rows) => (_names, _rows) = (names, rows);

    public int Rows => _rows.Length;

    public static Table Read(string file)
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "TestData", file)).Select(line => line.Split(',').Select(cell => cell.Trim('"')).ToArray()).ToArray();
        Assert.All(lines, line => Assert.Equal(lines[0].Length, line.Length));
        return new Table(lines[0], lines[1..]);
    }

    /// <summary>A missing text is empty.</summary>
    public string[] Texts(string column) => [.. _rows.Select(row => row[Find(column)] is var cell && cell == "NA" ? "" : cell)];

    /// <summary>A missing number is NaN.</summary>
    public float[] Numbers(string column)
        => [.. Texts(column).Select(cell => cell.Length == 0 ? float.NaN : float.Parse(cell, CultureInfo.InvariantCulture))];

    private int Find(string column) => Array.IndexOf(_names, column) is >= 0 and var index ? index : throw new ArgumentException($"There is no column '{column}'.");
}
