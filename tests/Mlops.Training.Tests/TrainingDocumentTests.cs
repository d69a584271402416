using Mlops.Data;
using Mlops.Explanation;
using Mlops.Models;

namespace Mlops.Training.Tests;

/// <summary>The example of docs/training.md compiles and runs, word for word.</summary>
public sealed class TrainingDocumentTests
{
    [Fact]
    public async Task Example_OfTheDocument_Runs()
    {
        var churn = TestData.PathOf("tests", "TestData", "churn.csv");
#pragma warning disable xUnit1051 // The example is that of the document, where nobody has a token of a test.
        // document
        var data = (await CsvDataset.OpenAsync(churn)).WithRole("churn", ColumnRole.Label);
        var split = await DatasetSplitter.StratifiedAsync(data, new SplitOptions { TestRatio = 0.2, Seed = 1 });

        var trainer = new LogisticTrainer(new LogisticOptions { C = 1, ClassWeights = ClassWeights.Balanced, PositiveClass = "yes" });
        var model = (GraphModel)await trainer.TrainAsync(new TrainingContext(split.Train));

        LinearCoefficients learned = LinearCoefficients.Of(model);
        double weight = learned.Get("international_plan=yes");
        double loss = model.TrainingMetrics["loss"];
        string table = learned.ToString();

        IExplainer explainer = await LinearExplainer.CreateAsync(model, background: split.Train);
        await foreach (DataBatch batch in split.Test.ReadAsync())
        {
            Explanation.Explanation explanation = await explainer.ExplainAsync(batch);
            ReadOnlySpan<double> ofFirstRow = explanation.GetAttributions(0); // log-odds that each column adds to explanation.BaseValue
        }

        // end
#pragma warning restore xUnit1051
        Assert.InRange(weight, 1, 3);
        Assert.InRange(loss, 0.3, 0.7);
        Assert.Contains("international_plan=yes", table, StringComparison.Ordinal);
    }

    [Fact]
    public void Example_OfTheDocument_IsTheTestedOne()
    {
        var document = Block(File.ReadAllText(TestData.PathOf("docs", "training.md")), "```csharp\n", "```");
        var tested = Block(File.ReadAllText(TestData.PathOf("tests", "Mlops.Training.Tests", "TrainingDocumentTests.cs")), "// document\n", "// end");
        Assert.Equal(string.Join('\n', tested.Split('\n').Select(line => line.Length > 8 ? line[8..] : line.Trim())).Trim(), document.Trim());

        static string Block(string text, string from, string to)
        {
            text = text.ReplaceLineEndings("\n");
            var start = text.IndexOf(from, StringComparison.Ordinal) + from.Length;
            return text[start..text.IndexOf(to, start, StringComparison.Ordinal)];
        }
    }
}
