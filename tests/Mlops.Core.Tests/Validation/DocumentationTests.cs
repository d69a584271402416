using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

/// <summary>docs/validation.md names every constraint, anomaly and check.</summary>
public sealed class DocumentationTests
{
    private static readonly string s_text = File.ReadAllText(TestFiles.PathOf("docs", "validation.md"), Encoding.UTF8);

    [Fact]
    public void EveryConstraint_IsDocumented()
    {
        var kinds = typeof(Constraint).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(attribute => (string)attribute.TypeDiscriminator!).ToArray();
        Assert.Equal(20, kinds.Length);
        Assert.DoesNotContain(kinds, kind => !s_text.Contains($"| `{kind}` |", StringComparison.Ordinal));
        // A constraint that a base type does not know could be written, but not read.
        Assert.Equal(typeof(Constraint).Assembly.GetTypes().Count(type => type.IsSubclassOf(typeof(Constraint)) && !type.IsAbstract), kinds.Length);
        Assert.Equal(kinds.Order(StringComparer.Ordinal), new[] { typeof(ColumnConstraint), typeof(DatasetConstraint) }
            .SelectMany(type => type.GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false)).Select(attribute => (string)attribute.TypeDiscriminator!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void EveryAnomaly_IsDocumented() => Assert.DoesNotContain(Enum.GetNames<AnomalyKind>(), kind => !s_text.Contains($"`{kind}`", StringComparison.Ordinal));

    [Fact]
    public void EveryCheck_IsDocumented()
    {
        IValidationCheck[] checks = [.. ValidationSuite.DataIntegrity().Checks, .. ValidationSuite.TrainTest().Checks, .. ValidationSuite.Model().Checks];
        Assert.Equal(15 + 14 + 13, checks.Length);
        Assert.All(checks, check => Assert.Contains($"`{check.Name}`", s_text, StringComparison.Ordinal));
        Assert.All(checks, check => Assert.Equal(check.Name, JsonNamingPolicy.SnakeCaseLower.ConvertName(check.GetType().Name[..^"Check".Length])));
    }
}
