using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation.Suggestions;

/// <summary>Datasets to suggest constraints from.</summary>
internal static class SuggestionData
{
    public static async Task<InMemoryDataset> ReadAsync(string file)
        => await (await CsvDataset.OpenAsync(TestFiles.PathOf(file.Split('/')), cancellationToken: TestContext.Current.CancellationToken)).ToMemoryAsync(TestContext.Current.CancellationToken);

    public static InMemoryDataset Of(params (string Name, Column Values)[] columns)
        => InMemoryDataset.FromColumns("rows", [.. columns.Select(column => (new ColumnSchema(column.Name, column.Values.Type) { Width = column.Values.Width }, column.Values))]);

    public static Task<IReadOnlyList<ConstraintSuggestion>> SuggestAsync(IDataset data, ulong seed = 1, bool all = false)
        => ConstraintSuggester.SuggestAsync(data, new ConstraintSuggestionOptions { Seed = seed, IncludeViolated = all }, TestContext.Current.CancellationToken);

    public static Column<double> Numbers(int rows, Func<int, double> value) => new([.. Enumerable.Range(0, rows).Select(value)]);

    public static Column<long> Integers(int rows, Func<int, long> value) => new([.. Enumerable.Range(0, rows).Select(value)]);

    public static TextColumn Texts(int rows, Func<int, string?> value) => TextColumn.FromStrings([.. Enumerable.Range(0, rows).Select(value)]);

    /// <summary>A number from 0 to 1, by chance, for a row.</summary>
    public static double Chance(int row, ulong seed = 0) => (SplitMix64.At(seed, (ulong)row) >> 11) * (1.0 / (1UL << 53));
}
