using Mlops.Core.Tests.Models;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Core.Tests.Evaluation;

/// <summary>A model of two classes whose probabilities are right but for rows of the plan 'legacy' with x ≥ 1, where they are turned round; and rows for it.</summary>
internal static class JudgedModel
{
    public static IPredictor Create(bool isWrongSomewhere = true) => new DelegatePredictor(
        new ModelSignature([TensorSpec.Of<double>("x", 1, "x"), TensorSpec.Of<double>("noise", 1, "noise"), TensorSpec.Of<string>("plan", 1, "plan")], [TensorSpec.Of<double>("probabilities", 2) with { Classes = ["no", "yes"] }]),
        (inputs, outputs) =>
        {
            var x = inputs.Get<double>(0).Span;
            var plan = inputs.Get<string>(2).Span;
            var target = outputs.Get<double>(0).Span;
            for (var row = 0; row < inputs.Rows; row++)
            {
                var p = 1 / (1 + Math.Exp(-2 * x[row]));
                if (isWrongSomewhere && plan[row] == "legacy" && x[row] >= 1) p = 1 - p;
                (target[2 * row], target[(2 * row) + 1]) = (1 - p, p);
            }
        });

    public static InMemoryDataset Rows(int count, int seed = 7, bool hasWeights = false, bool hasLabels = true)
    {
        var random = new Random(seed);
        var (x, noise, age) = (new double[count], new double[count], new long[count]);
        var (plan, sex, label) = (new string?[count], new string?[count], new string?[count]);
        for (var i = 0; i < count; i++)
        {
            x[i] = (random.NextDouble() * 6) - 3;
            noise[i] = random.NextDouble();
            age[i] = random.Next(18, 80);
            plan[i] = i % 50 == 49 ? null : new[] { "basic", "legacy", "pro" }[random.Next(3)];
            sex[i] = random.NextDouble() < 0.4 ? "f" : "m";
            var isYes = random.NextDouble() < 1 / (1 + Math.Exp(-2 * x[i]));
            label[i] = hasLabels ? isYes ? "yes" : "no" : null;
        }

        var columns = new List<(ColumnSchema, Column)>
        {
            (new ColumnSchema("x", ElementType.Float64), new Column<double>(x)),
            (new ColumnSchema("noise", ElementType.Float64), new Column<double>(noise)),
            (new ColumnSchema("plan", ElementType.String), TextColumn.FromStrings(plan)),
            (new ColumnSchema("age", ElementType.Int64, ColumnRole.Ignored), new Column<long>(age)),
            (new ColumnSchema("sex", ElementType.String, ColumnRole.Sensitive), TextColumn.FromStrings(sex)),
            (new ColumnSchema("left", ElementType.String, ColumnRole.Label), TextColumn.FromStrings(label)),
        };
        if (hasWeights) columns.Add((new ColumnSchema("weight", ElementType.Float64, ColumnRole.Weight), new Column<double>([.. Enumerable.Range(0, count).Select(i => Math.Max(0, (i % 4) - 1.0))])));
        var schema = new DataSchema(columns.Select(column => column.Item1));
        return new InMemoryDataset("customers", schema, new DataBatch(schema, columns.Select(column => column.Item2)));
    }
}
