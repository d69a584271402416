using System.Reflection;

namespace Mlops.Architecture.Tests;

public sealed class PublicApiTests
{
    public static TheoryData<string> Packages => [.. Repository.Packages];

    [Theory]
    [MemberData(nameof(Packages))]
    public void PublicApi_OfPackage_IsTheApprovedOne(string package)
        => Repository.AssertApproved(Repository.PathOf("src", package, "PublicApi.txt"), PublicApiWriter.Write(Assembly.Load(package)));
}
