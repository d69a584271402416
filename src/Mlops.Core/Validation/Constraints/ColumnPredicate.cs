using Mlops.Data;

namespace Mlops.Validation;

/// <summary>A test of the values of a column, written in code.</summary>
/// <example><code>ColumnPredicate.Of((long id) => id % 97 == 1)</code></example>
public abstract class ColumnPredicate
{
    private protected ColumnPredicate()
    {
    }

    internal abstract Type ValueType { get; }

    /// <summary>Makes a test.</summary>
    /// <typeparam name="T">The type that values are read as: the type of the column, <see cref="double"/> for any number, <see cref="string"/> for texts, or a nullable form, which sees missing values too.</typeparam>
    /// <param name="test">The test, called from one thread at a time for each validation.</param>
    /// <returns>The test.</returns>
    public static ColumnPredicate Of<T>(Func<T, bool> test)
    {
        ArgumentNullException.ThrowIfNull(test);
        return new Typed<T>(test);
    }

    internal abstract bool CanJudge(ColumnSchema column);

    /// <summary>Begins to judge a column: for each row whether it passes, or null where it is not judged.</summary>
    internal abstract ColumnTest Begin(ColumnSchema column);

    private sealed class Typed<T>(Func<T, bool> test) : ColumnPredicate
    {
        internal override Type ValueType => typeof(T);

        internal override bool CanJudge(ColumnSchema column) => ColumnReader<T>.CanRead(column);

        internal override ColumnTest Begin(ColumnSchema column)
        {
            var reader = ColumnReader<T>.Create(column);
            return (rows, passes) =>
            {
                var values = reader.Read(rows);
                for (var row = 0; row < passes.Length; row++) passes[row] = reader.ReadsNulls || !rows.IsNull(row) ? test(values[row]) : null;
            };
        }
    }
}

/// <summary>Judges the rows of a column: for each whether it passes, or null where it is not judged.</summary>
internal delegate void ColumnTest(Column rows, Span<bool?> passes);
