// What the job of container-apps-job.bicep may do in one subscription: read, and if asked for, one action more.
targetScope = 'subscription'

param principalId string
param webhookEndpoints bool

var reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'

resource read 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, principalId, reader)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', reader)
  }
}

resource webhookReader 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (webhookEndpoints) {
  name: guid(subscription().id, 'acr-scan webhook addresses')
  properties: {
    roleName: 'acr-scan webhook addresses (${subscription().subscriptionId})' // a tenant has each name once
    description: 'Ask container registries for the addresses of their webhooks. The answer also holds custom headers.'
    type: 'CustomRole'
    assignableScopes: [subscription().id]
    permissions: [
      {
        actions: ['Microsoft.ContainerRegistry/registries/webhooks/getCallbackConfig/action']
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource askWebhooks 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (webhookEndpoints) {
  name: guid(subscription().id, principalId, 'acr-scan webhook addresses')
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: webhookReader.id
  }
}
