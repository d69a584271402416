using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Mlops.Models;

namespace Mlops.Onnx.Tests;

/// <summary>The examples and the table of docs/onnx.md.</summary>
public sealed partial class OnnxDocumentTests
{
    [Fact]
    public async Task Examples_OfDocument_Configure()
    {
        var services = new ServiceCollection();
        // docs: onnx.md
        services.AddMlops()
            .AddOnnx(options => options.IntraOpThreads = 2)
            .AddOnnx("fraud", options => options.Evaluator = OnnxEvaluator.Fastest)
            .AddOnnx("images", options =>
            {
                options.UseMemoryPattern = false;   // batches of many sizes
                options.ShrinkMemoryArena = true;   // a rare large one does not keep its memory
            });
        // end
        // docs: onnx.md
        services.AddMlops().AddOnnx(options => options.Environment = new OnnxEnvironmentOptions { ShareThreads = true, IntraOpThreads = 4 });
        // end
        await using var provider = services.BuildServiceProvider();
        Assert.Single(provider.GetServices<IModelFlavor>());
        var common = provider.GetRequiredService<IOptions<OnnxOptions>>().Value;
        Assert.Equal((2, OnnxEvaluator.Runtime, 4), (common.IntraOpThreads, common.Evaluator, common.Environment!.IntraOpThreads));
    }

    [Fact]
    public void CodeBlocks_OfDocument_AreTheExamples()
    {
        var source = File.ReadAllText(Path.Combine(Root, "tests", "Mlops.Onnx.Tests", "OnnxDocumentTests.cs")).ReplaceLineEndings("\n");
        var examples = Example().Matches(source).Select(match => string.Join('\n', match.Groups["code"].Value.Split('\n').Select(line => line.Length > 8 ? line[8..] : "")).Trim());
        Assert.Equal(examples, CodeBlock().Matches(Document).Select(match => match.Groups["code"].Value.Trim()));
    }

    [Fact]
    public void Options_OfDocument_ExistWithTheirDefaults()
    {
        var rows = OptionRow().Matches(Document);
        Assert.Equal(6, rows.Count);
        foreach (Match row in rows)
        {
            object defaults = row.Groups["type"].Value == nameof(OnnxOptions) ? new OnnxOptions() : new OnnxEnvironmentOptions();
            Assert.Equal(row.Groups["default"].Value, $"{defaults.GetType().GetProperty(row.Groups["option"].Value)!.GetValue(defaults)}");
        }

        Assert.Null(new OnnxOptions().KeepFile);
        Assert.Contains("| `OnnxOptions.KeepFile` | none |", Document, StringComparison.Ordinal);
    }

    private static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "Mlops.sln"))) folder = folder.Parent!;
            return folder.FullName;
        }
    }

    private static string Document => File.ReadAllText(Path.Combine(Root, "docs", "onnx.md")).ReplaceLineEndings("\n");

    [GeneratedRegex(@"// docs: onnx.md\n(?<code>.*?)\n[ ]*// end", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex(@"```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"^\| `(?<type>Onnx\w+Options|OnnxOptions)\.(?<option>\w+)` \| `(?<default>\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex OptionRow();
}
