using System.Diagnostics.CodeAnalysis;

namespace Mlops.Architecture.Tests;

public sealed class PublicApiWriterTests
{
    [Theory]
    [InlineData("    String? MayBeNull(String never, String? may = default)")]
    [InlineData("    IReadOnlyDictionary<String, IReadOnlyList<String?>?> Nested(ValueTuple<String?, Int32?> pair, String?[] array, String[]? whole)")]
    [InlineData("    Boolean TryGet(out Object? value)")]
    [InlineData("    T Pass<T>(T value)")]
    [InlineData("    TClass? Find<TClass>(TClass first)")]
    [InlineData("    T? OrDefault<T>(Boolean known, T value)")]
    [InlineData("    Func<String?, Object>? Callback { get; init; }")]
    [InlineData("    event EventHandler? Happened")]
    public void Write_Members_SayWhereNullMayCome(string expected)
    {
        var lines = PublicApiWriter.Write(typeof(PublicApiWriterTests).Assembly).Split('\n');
        var start = Array.FindIndex(lines, line => line.Contains($".{nameof(Nullables)}", StringComparison.Ordinal));
        Assert.Contains(expected, lines.Skip(start).TakeWhile(line => line.Length > 0));
    }

    /// <summary>Null in every place.</summary>
    [SuppressMessage("Design", "CA1034", Justification = "The writer shows visible types only.")]
    [SuppressMessage("Design", "CA1003", Justification = "Only the declaration counts.")]
    public sealed class Nullables
    {
        public event EventHandler? Happened;

        public Func<string?, object>? Callback { get; init; }

        public string? MayBeNull(string never, string? may = null) => Happened is null ? may : never;

        public IReadOnlyDictionary<string, IReadOnlyList<string?>?> Nested((string?, int?) pair, string?[] array, string[]? whole)
            => new Dictionary<string, IReadOnlyList<string?>?> { [$"{pair}{whole}"] = array };

        public bool TryGet([NotNullWhen(true)] out object? value) => (value = null) is not null;

        public T Pass<T>(T value) => value;

        public T? OrDefault<T>(bool known, T value) => known ? value : default;

        public TClass? Find<TClass>(TClass first)
            where TClass : class => first;
    }
}
