using System.Data.Common;

namespace Mlops.Data;

/// <summary>Infers the schema of a query from what the database says, and from its first values where it says nothing.</summary>
internal static class DbInference
{
    public static async Task<(DataSchema Schema, IReadOnlyList<string> Warnings)> InferAsync(string source, DbDataReader reader, int rows, CancellationToken cancellationToken)
    {
        var names = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToArray();
        if (Array.IndexOf(names, "") is >= 0 and var unnamed)
            throw new DataFormatException(source, 0, null, $"Column {unnamed + 1} of the query has no name; give it one with AS.");
        var twice = names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null) throw new DataFormatException(source, 0, twice.Key, "Two columns of the query have this name; give each a name of its own with AS.");
        var columns = names.Select((_, i) => new Seen(FindDeclared(reader, i))).ToArray();
        for (var row = 0; row < rows && !Array.TrueForAll(columns, column => column.IsSettled) && await reader.ReadAsync(cancellationToken).ConfigureAwait(false); row++)
        {
            for (var i = 0; i < columns.Length; i++)
            {
                if (!columns[i].IsSettled && !reader.IsDBNull(i)) columns[i].Add(reader.GetValue(i));
            }
        }

        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i].HasNoType)
                throw new DataFormatException(source, 0, names[i], $"No column holds values of type {reader.GetFieldType(i).Name}. Leave the column out of the query, or cast it there.");
        }

        return (
            new DataSchema(columns.Select((column, i) => column.ToSchema(names[i]))),
            [.. columns.Index().Where(column => column.Item.IsDecimal).Select(column => Warning.Decimal(names[column.Index]))]);
    }

    /// <summary>The type of a column; <see langword="null"/> where only values have types, or the width of vectors is to be found.</summary>
    private static Type? FindDeclared(DbDataReader reader, int ordinal)
    {
        // A declaration in SQLite binds no value, so there the values are asked.
        var type = reader.GetFieldType(ordinal);
        var isDeclared = type != typeof(object) && !type.IsArray && type != typeof(Array) && !reader.GetType().Name.Contains("sqlite", StringComparison.OrdinalIgnoreCase);
        return isDeclared ? type : null;
    }

    /// <summary>What is known of one column.</summary>
    private sealed class Seen(Type? declared)
    {
        private TypeInference _values = new(0);
        private ElementType? _type = declared is null ? null : ClrValue.FindType(declared);

        public bool IsSettled { get; private set; } = declared is not null;

        public bool IsDecimal { get; private set; } = declared == typeof(decimal);

        public bool HasNoType { get; private set; } = declared is not null && ClrValue.FindType(declared) is null;

        public void Add(object value)
        {
            switch (value)
            {
                case long or int or short or byte:
                    _values.AddNumber(isInteger: true);
                    break;
                case double or float:
                    _values.AddNumber(isInteger: false);
                    break;
                case decimal:
                    IsDecimal = true;
                    _values.AddNumber(isInteger: false);
                    break;
                case bool:
                    _values.AddBoolean();
                    break;
                case DateTime or DateTimeOffset:
                    _values.AddTimestamp();
                    break;
                case DateOnly:
                    _values.AddDate();
                    break;
                case string text:
                    _values.AddString(System.Text.Encoding.UTF8.GetBytes(text));
                    break;
                case float[] vector:
                    _values.AddVector(vector.Length);
                    break;
                case double[] vector:
                    _values.AddVector(vector.Length);
                    break;
                case byte[]:
                    // Bytes may be a vector or anything; a schema must say.
                    HasNoType = true;
                    break;
                default:
                    _type = ClrValue.FindType(value.GetType());
                    HasNoType = _type is null;
                    IsSettled = true;
                    break;
            }
        }

        public ColumnSchema ToSchema(string name) => _type is { } type ? new ColumnSchema(name, type) : _values.ToSchema(name);
    }
}
