using System.Reflection;
using System.Runtime.CompilerServices;

namespace Mlops.Architecture.Tests;

public sealed class CultureTests
{
    /// <summary>An alert is told by its message, whose figures are invariant; the text of its record is for debuggers only.</summary>
    private static readonly string[] s_exceptions = ["Mlops.Monitoring.Alert"];

    private static readonly Type[] s_sensitive = [typeof(double), typeof(float), typeof(Half), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly)];

    public static TheoryData<string> Packages => [.. Repository.Packages];

    /// <summary>What the compiler writes for a record depends on the culture of the thread where a member is a fraction or a time: such a record describes itself.</summary>
    [Theory]
    [MemberData(nameof(Packages))]
    public void ToString_OfRecordsWithFractionsOrTimes_IsNotTheCompilers(string package)
    {
        var forgotten = Assembly.Load(package).GetExportedTypes()
            .Where(type => IsCompilers(type, "PrintMembers", BindingFlags.NonPublic) && IsCompilers(type, nameof(ToString), BindingFlags.Public) && !s_exceptions.Contains(type.FullName))
            .Where(type => type.GetProperties().Any(property => s_sensitive.Contains(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType)))
            .Select(type => type.FullName).ToArray();
        Assert.True(forgotten.Length == 0, string.Join(", ", forgotten));
    }

    private static bool IsCompilers(Type type, string method, BindingFlags access)
        => type.GetMethods(access | BindingFlags.Instance | BindingFlags.DeclaredOnly).Any(candidate => candidate.Name == method && candidate.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false));
}
