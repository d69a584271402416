using Mlops.Data;
using Mlops.Evaluation;

namespace Mlops.Validation;

/// <summary>Adds columns of two datasets to those that a domain classifier learns from.</summary>
internal static class DomainColumnsReader
{
    /// <summary>Adds a column of both datasets, or one for each element of a vector.</summary>
    public static void Add(this DomainColumns columns, PairedColumn column, Column train, Column test)
    {
        if (column.IsText)
        {
            columns.AddCategories(column.Name, NumberTexts((TextColumn)train, (TextColumn)test));
            return;
        }

        var width = train.Width;
        double[] numbers = [.. CommonForms.ReadNumbers(train, column.Form), .. CommonForms.ReadNumbers(test, column.Form)];
        for (var element = 0; element < width; element++)
        {
            var values = numbers;
            if (width > 1)
            {
                values = new double[numbers.Length / width];
                for (var row = 0; row < values.Length; row++) values[row] = numbers[(row * width) + element];
            }

            columns.AddNumbers(width == 1 ? column.Name : $"{column.Name}[{element}]", values);
        }
    }

    private static int[] NumberTexts(TextColumn train, TextColumn test)
    {
        var (texts, numbers) = (new Utf8Dictionary(), new int[train.Length + test.Length]);
        for (var row = 0; row < numbers.Length; row++)
        {
            var (column, place) = row < train.Length ? (train, row) : (test, row - train.Length);
            numbers[row] = column.IsNull(place) ? -1 : texts.GetOrAdd(column.GetUtf8(place));
        }

        return numbers;
    }
}
