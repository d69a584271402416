namespace Mlops.Data;

public static partial class DatasetExtensions
{
    /// <summary>Derives a column from another, row by row.</summary>
    /// <typeparam name="TInput">
    /// The type of the values read: the column's own, <see cref="double"/> for everything but texts, <see cref="string"/> for texts. A nullable type lets the function see missing
    /// values; otherwise a row without a value has no result either.
    /// </typeparam>
    /// <typeparam name="TOutput">The type of the results: one that columns hold; <see langword="null"/> makes a missing value.</typeparam>
    /// <param name="dataset">The dataset.</param>
    /// <param name="name">The name of the new column, which comes last; a column of that name is replaced in its place and keeps its role.</param>
    /// <param name="column">The column to derive from, of width 1.</param>
    /// <param name="function">Makes the result of a row. It must always make the same of the same value.</param>
    /// <returns>The same rows, with the column.</returns>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    /// <exception cref="ArgumentException">The column cannot be read as <typeparamref name="TInput"/>.</exception>
    /// <exception cref="NotSupportedException">No column holds values of <typeparamref name="TOutput"/>.</exception>
    /// <example><code>data.Derive("age_years", "age_days", (double days) => days / 365.25).Derive("initial", "name", (string name) => name[..1])</code></example>
    public static IDataset Derive<TInput, TOutput>(this IDataset dataset, string name, string column, Func<TInput, TOutput> function)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(function);
        var reader = ColumnReader<TInput>.Create(dataset.Schema[column]);
        var writer = ColumnWriter<TOutput>.Create();
        var isNullable = writer.WritesNulls || (dataset.Schema[column].IsNullable && !reader.ReadsNulls);
        return new DeriveOperator(dataset, DeriveOperator.ColumnOf(dataset.Schema, name, writer.Type, isNullable), [column], (batch, _) =>
        {
            var values = reader.Read(batch[0]);
            var results = new TOutput[batch.RowCount];
            var nulls = new ValidityBuilder();
            for (var row = 0; row < results.Length; row++)
            {
                if (!reader.ReadsNulls && batch[0].IsNull(row)) nulls.MarkNull(row);
                else results[row] = function(values[row]);
            }

            return writer.Write(results, ref nulls);
        });
    }

    /// <summary>Derives a column from two others, row by row.</summary>
    /// <typeparam name="TFirst">The type of the values of the first column (see <see cref="Derive{TInput, TOutput}(IDataset, string, string, Func{TInput, TOutput})"/>).</typeparam>
    /// <typeparam name="TSecond">The type of the values of the second column.</typeparam>
    /// <typeparam name="TOutput">The type of the results: one that columns hold; <see langword="null"/> makes a missing value.</typeparam>
    /// <param name="dataset">The dataset.</param>
    /// <param name="name">The name of the new column, which comes last; a column of that name is replaced in its place and keeps its role.</param>
    /// <param name="first">The first column to derive from, of width 1.</param>
    /// <param name="second">The second column to derive from, of width 1.</param>
    /// <param name="function">Makes the result of a row. It must always make the same of the same values.</param>
    /// <returns>The same rows, with the column.</returns>
    /// <exception cref="EntityNotFoundException">One of the columns does not exist.</exception>
    /// <exception cref="ArgumentException">A column cannot be read as the type.</exception>
    /// <exception cref="NotSupportedException">No column holds values of <typeparamref name="TOutput"/>.</exception>
    public static IDataset Derive<TFirst, TSecond, TOutput>(this IDataset dataset, string name, string first, string second, Func<TFirst, TSecond, TOutput> function)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(function);
        var (firstReader, secondReader) = (ColumnReader<TFirst>.Create(dataset.Schema[first]), ColumnReader<TSecond>.Create(dataset.Schema[second]));
        var writer = ColumnWriter<TOutput>.Create();
        var isNullable = writer.WritesNulls || (dataset.Schema[first].IsNullable && !firstReader.ReadsNulls) || (dataset.Schema[second].IsNullable && !secondReader.ReadsNulls);
        return new DeriveOperator(dataset, DeriveOperator.ColumnOf(dataset.Schema, name, writer.Type, isNullable), Inputs(first, second), (batch, _) =>
        {
            var (firstColumn, secondColumn) = (batch[0], batch[batch.Schema.Count - 1]);
            var firstValues = firstReader.Read(firstColumn);
            var secondValues = secondReader.Read(secondColumn);
            var results = new TOutput[batch.RowCount];
            var nulls = new ValidityBuilder();
            for (var row = 0; row < results.Length; row++)
            {
                if ((!firstReader.ReadsNulls && firstColumn.IsNull(row)) || (!secondReader.ReadsNulls && secondColumn.IsNull(row))) nulls.MarkNull(row);
                else results[row] = function(firstValues[row], secondValues[row]);
            }

            return writer.Write(results, ref nulls);
        });
    }

    /// <summary>Derives a column from another, a batch at a time, such that it can be vectorised.</summary>
    /// <typeparam name="TInput">The type of the values read: the column's own, or <see cref="double"/> for everything but texts.</typeparam>
    /// <typeparam name="TOutput">The type of the results.</typeparam>
    /// <param name="dataset">The dataset.</param>
    /// <param name="name">The name of the new column, which comes last; a column of that name is replaced in its place and keeps its role.</param>
    /// <param name="column">The column to derive from; the new one has its width.</param>
    /// <param name="kernel">Computes the results; a row without a value has none.</param>
    /// <returns>The same rows, with the column.</returns>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    /// <exception cref="ArgumentException">The column cannot be read as <typeparamref name="TInput"/>.</exception>
    /// <example><code>data.Derive&lt;double, double&gt;("log_income", "income", TensorPrimitives.Log)</code></example>
    public static IDataset Derive<TInput, TOutput>(this IDataset dataset, string name, string column, ColumnKernel<TInput, TOutput> kernel)
        where TInput : unmanaged
        where TOutput : unmanaged
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(kernel);
        var input = dataset.Schema[column];
        var reader = ColumnReader<TInput>.Create(input, isAnyWidth: true);
        return new DeriveOperator(dataset, DeriveOperator.ColumnOf(dataset.Schema, name, ElementTypes.Of<TOutput>(), input.IsNullable, input.Width), [column], (batch, _) =>
        {
            var results = new TOutput[batch.RowCount * input.Width];
            kernel(reader.Read(batch[0]), results);
            return new Column<TOutput>(results, batch[0].Validity.ToArray(), input.Width);
        });
    }

    /// <summary>Derives a column from two others, a batch at a time, such that it can be vectorised.</summary>
    /// <typeparam name="TFirst">The type of the values of the first column: its own, or <see cref="double"/> for everything but texts.</typeparam>
    /// <typeparam name="TSecond">The type of the values of the second column.</typeparam>
    /// <typeparam name="TOutput">The type of the results.</typeparam>
    /// <param name="dataset">The dataset.</param>
    /// <param name="name">The name of the new column, which comes last; a column of that name is replaced in its place and keeps its role.</param>
    /// <param name="first">The first column to derive from; the new one has its width.</param>
    /// <param name="second">The second column to derive from, of the same width.</param>
    /// <param name="kernel">Computes the results; a row without one of the values has none.</param>
    /// <returns>The same rows, with the column.</returns>
    /// <exception cref="EntityNotFoundException">One of the columns does not exist.</exception>
    /// <exception cref="ArgumentException">A column cannot be read as the type, or the widths differ.</exception>
    public static IDataset Derive<TFirst, TSecond, TOutput>(this IDataset dataset, string name, string first, string second, ColumnKernel<TFirst, TSecond, TOutput> kernel)
        where TFirst : unmanaged
        where TSecond : unmanaged
        where TOutput : unmanaged
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(kernel);
        var (firstInput, secondInput) = (dataset.Schema[first], dataset.Schema[second]);
        var (firstReader, secondReader) = (ColumnReader<TFirst>.Create(firstInput, isAnyWidth: true), ColumnReader<TSecond>.Create(secondInput, isAnyWidth: true));
        var width = firstInput.Width;
        if (secondInput.Width != width)
            throw new ArgumentException($"Rows of column '{first}' have {width} elements and those of '{second}' {secondInput.Width}; both must have as many.", nameof(second));
        return new DeriveOperator(dataset, DeriveOperator.ColumnOf(dataset.Schema, name, ElementTypes.Of<TOutput>(), firstInput.IsNullable || secondInput.IsNullable, width), Inputs(first, second), (batch, _) =>
        {
            var (firstColumn, secondColumn) = (batch[0], batch[batch.Schema.Count - 1]);
            var results = new TOutput[batch.RowCount * width];
            kernel(firstReader.Read(firstColumn), secondReader.Read(secondColumn), results);
            var nulls = new ValidityBuilder();
            for (var row = 0; firstColumn.NullCount + secondColumn.NullCount > 0 && row < batch.RowCount; row++)
            {
                if (firstColumn.IsNull(row) || secondColumn.IsNull(row)) nulls.MarkNull(row);
            }

            return new Column<TOutput>(results, nulls.Build(batch.RowCount), width);
        });
    }

    /// <summary>Derives a column from any number of others, a batch at a time.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="column">The new column, which comes last; a column of that name is replaced in its place.</param>
    /// <param name="inputs">The columns to derive from, at least one.</param>
    /// <param name="make">Makes the column from a batch of the inputs, in their order: one row of the declared type and width for each row. It must always make the same of the same rows.</param>
    /// <returns>The same rows, with the column.</returns>
    /// <exception cref="EntityNotFoundException">One of the columns does not exist.</exception>
    /// <exception cref="ArgumentException">There are no inputs.</exception>
    public static IDataset Derive(this IDataset dataset, ColumnSchema column, IReadOnlyList<string> inputs, Func<DataBatch, Column> make)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(column);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(make);
        if (inputs.Count == 0) throw new ArgumentException($"Name at least one column to derive '{column.Name}' from.", nameof(inputs));
        return new DeriveOperator(dataset, column, [.. inputs], (batch, _) => make(batch));
    }

    // A column may be both inputs, but a batch holds it once.
    private static string[] Inputs(string first, string second) => first == second ? [first] : [first, second];
}
