using Mlops.Data;

namespace Mlops.Benchmarks;

/// <summary>Rows to train on whose numbers sklearn_logistic.py makes again: a linear congruential generator of 64 bits (Knuth's MMIX) and a linear score with noise.</summary>
internal static class TrainingRows
{
    public static InMemoryDataset Create(int rows, int features, bool isClass)
    {
        var label = new ColumnSchema("y", isClass ? ElementType.Int32 : ElementType.Float64, ColumnRole.Label);
        var schema = new DataSchema([.. Enumerable.Range(0, features).Select(i => new ColumnSchema($"x{i}", ElementType.Float64)), label]);
        var batches = new List<DataBatch>();
        ulong state = 1;
        for (var first = 0; first < rows; first += ReadOptions.DefaultBatchRows)
        {
            var count = Math.Min(ReadOptions.DefaultBatchRows, rows - first);
            var columns = Enumerable.Range(0, features).Select(_ => new double[count]).ToArray();
            var scores = new double[count];
            for (var row = 0; row < count; row++)
            {
                for (var i = 0; i < features; i++)
                {
                    var number = Next(ref state);
                    columns[i][row] = ((number * 4) - 2) * (i + 1);
                    scores[row] += Math.Sin(i) * ((number * 4) - 2);
                }

                var noise = Next(ref state);
                if (isClass) scores[row] = noise < 1 / (1 + Math.Exp(-scores[row])) ? 1 : 0;
                else scores[row] += noise;
            }

            Column labels = isClass ? new Column<int>(Array.ConvertAll(scores, score => (int)score)) : new Column<double>(scores);
            batches.Add(new DataBatch(schema, [.. columns.Select(column => new Column<double>(column)), labels]));
        }

        return new InMemoryDataset("rows", schema, batches);
    }

    private static double Next(ref ulong state)
    {
        state = (state * 6364136223846793005) + 1442695040888963407;
        return (state >> 11) * (1.0 / (1UL << 53));
    }
}
