using System.Reflection;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation.Suites;

/// <summary>Every number that can be set on a check is refused where it makes no sense, by its name.</summary>
public sealed class CheckLimitTests
{
    public static TheoryData<Type, string> Numbers
    {
        get
        {
            var data = new TheoryData<Type, string>();
            foreach (var type in typeof(IValidationCheck).Assembly.GetExportedTypes().Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IValidationCheck))))
            {
                foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite && NonsenseOf(property.PropertyType) is not null))
                    data.Add(type, property.Name);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Set_Nonsense_IsRefusedByName(Type check, string property)
    {
        var info = check.GetProperty(property)!;
        var instance = System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(check);
        foreach (var nonsense in NonsenseOf(info.PropertyType)!)
        {
            var error = Assert.Throws<TargetInvocationException>(() => info.SetValue(instance, nonsense)).InnerException;
            Assert.Equal(property, Assert.IsType<ArgumentOutOfRangeException>(error).ParamName);
        }
    }

    [Fact]
    public void Numbers_AreThoseOfAllSuites() => Assert.True(Numbers.Count > 80);

    private static object[]? NonsenseOf(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var number when number == typeof(double) => [double.NaN, double.NegativeInfinity],
        var number when number == typeof(int) => [-1],
        var number when number == typeof(long) => [-1L],
        var time when time == typeof(TimeSpan) => [TimeSpan.Zero, TimeSpan.FromSeconds(-1)],
        _ => null,
    };
}
