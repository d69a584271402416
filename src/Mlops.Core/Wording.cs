using System.Globalization;

namespace Mlops;

/// <summary>Writes numbers of things and lists of names in messages, in the invariant culture.</summary>
internal static class Wording
{
    private const int NamesShown = 10;

    /// <summary>Writes a number: <c>1,000</c>.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Writes a number of things: <c>1 column</c>, <c>2 columns</c>.</summary>
    public static string Count(long count, string one, string? many = null) => $"{Count(count)} {(count == 1 ? one : many ?? one + "s")}";

    /// <summary>Lists names: <c>age, income and 3 more</c>.</summary>
    public static string Names(IEnumerable<string> names) => List(names, static name => name);

    /// <summary>Lists names in quotes: <c>'age', 'income' and 3 more</c>.</summary>
    public static string Quoted(IEnumerable<string> names) => List(names, static name => $"'{name}'");

    private static string List(IEnumerable<string> names, Func<string, string> write)
    {
        var shown = string.Join(", ", names.Take(NamesShown).Select(write));
        var more = names.Count() - NamesShown;
        return more > 0 ? $"{shown} and {Count(more)} more" : shown;
    }
}
